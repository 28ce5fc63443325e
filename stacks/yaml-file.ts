import { readFileSync } from "node:fs";
import path from "node:path";
import { isMap, isPair, isScalar, LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import { CutoverError, type ErrorDetails } from "../model/error.ts";
import { describeIssue, type Problem } from "./schema-problems.ts";

/** A parsed YAML file that can tell where a value stands. Paths in it are relative to the project folder. */
export interface YamlFile {
  /** Relative to the project folder, with forward slashes. */
  file: string;
  data: unknown;
  document: Document;
  lines: LineCounter;
}

/** Line and column, both from 1. */
export interface Position {
  line: number;
  column: number;
}

/** Reads a YAML file, or returns null when it does not exist. Throws CUT-2011 when it is not YAML, naming line and column. */
export function readYamlFile(root: string, file: string): YamlFile | null {
  const text = readIfPresent(path.join(root, file));
  if (text === null) return null;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const first = document.errors[0];
  if (first !== undefined) {
    const { line, col } = lines.linePos(first.pos[0]);
    throw invalid("CUT-2011", `${file}:${line}:${col}: not valid YAML: ${first.message}`, []);
  }
  return { file, data: document.toJS({ maxAliasCount: 100 }) as unknown, document, lines };
}

/** How data that was taken out of a file lies in it. */
export interface Placement {
  /** Path in the file of a path in the data. */
  at(path: readonly PropertyKey[]): readonly PropertyKey[];
  /** Stands before every top-level key in the file. */
  prefix: string;
}

/** Checks data against a schema; every problem is listed with file, line and column. */
export function validateYaml<Schema extends z.ZodType>(
  source: YamlFile,
  schema: Schema,
  data: unknown,
  code: ErrorDetails["code"],
  placement: Placement = { at: (same) => same, prefix: "" },
): z.output<Schema> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => describeIssue(issue, schema, data, placement.prefix));
  throw problemsError(
    source,
    code,
    problems.map((problem) => ({ ...problem, path: placement.at(problem.path) })),
  );
}

/** The error for problems of a file: the first is the headline, all are evidence. */
export function problemsError(
  source: YamlFile,
  code: ErrorDetails["code"],
  problems: readonly Problem[],
): CutoverError {
  const placed = problems.map((problem) => ({ ...problem, ...positionOf(source, problem.path) }));
  placed.sort(
    (a, b) => Number(a.missing ?? false) - Number(b.missing ?? false) || a.line - b.line || a.column - b.column,
  );
  const lines = placed.map(({ line, column, text }) => `${source.file}:${line}:${column}: ${text}`);
  return invalid(code, lines[0] ?? `${source.file}: not valid`, lines.slice(1));
}

/** Where the key at a path stands, or the nearest enclosing thing that exists. */
export function positionOf(source: YamlFile, keyPath: readonly PropertyKey[]): Position {
  for (let length = keyPath.length; length > 0; length -= 1) {
    const offset = offsetOf(source.document, keyPath.slice(0, length));
    if (offset === null) continue;
    const { line, col } = source.lines.linePos(offset);
    return { line, column: col };
  }
  return { line: 1, column: 1 };
}

function offsetOf(document: Document, keyPath: readonly PropertyKey[]): number | null {
  const key = keyPath.at(-1);
  const parent = keyPath.length === 1 ? document.contents : document.getIn(keyPath.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
    );
    return isScalar(pair?.key) ? (pair.key.range?.[0] ?? null) : null;
  }
  const node = document.getIn(keyPath, true) as { range?: [number, number, number] } | undefined;
  return node?.range?.[0] ?? null;
}

function invalid(code: ErrorDetails["code"], happened: string, evidence: string[]): CutoverError {
  return new CutoverError({
    code,
    verdict: "errored",
    happened,
    evidence,
    untouched: "nothing was touched",
    next: "correct the file and run the same command again",
    exitCode: 2,
  });
}

function readIfPresent(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
