import type { NodeProcedure } from "../nodes.ts";

type System = NodeProcedure["system"];

/** What a node's `list` command printed. Paths are relative to the folder, with `/`. */
export interface FileList {
  files: string[];
  /** Lines that name nothing below the folder. */
  strange: string[];
}

/** Reads the output of `list` for a folder. Windows: UTF-8, or UTF-16 as `cmd /u` writes it; POSIX: newlines, or NUL where there is one. */
export function parseFileList(output: Buffer, system: System, folder: string): FileList {
  const list: FileList = { files: [], strange: [] };
  for (const line of linesOf(output, system)) {
    const file = relativeTo(line, system, folder);
    if (file === null) list.strange.push(line);
    else list.files.push(file);
  }
  return list;
}

function linesOf(output: Buffer, system: System): string[] {
  const hasNul = output.includes(0);
  const text = output.toString(hasNul && system === "windows" ? "utf16le" : "utf8").replace(/^\ufeff/, "");
  const separator = system === "windows" ? /\r?\n/ : hasNul ? "\0" : "\n";
  return text.split(separator).filter((line) => line !== "");
}

function relativeTo(line: string, system: System, folder: string): string | null {
  const windows = system === "windows";
  const path = windows ? line.trim().replaceAll("\\", "/") : line;
  if (path.startsWith("./")) return path.slice(2);
  const base = `${(windows ? folder.replaceAll("\\", "/") : folder).replace(/\/+$/, "")}/`;
  const start = path.slice(0, base.length);
  const below = windows ? start.toLowerCase() === base.toLowerCase() : start === base;
  return below && path.length > base.length ? path.slice(base.length) : null;
}

/** A member's path as lists have it: without `./` and a final `/`; the folder itself is empty. */
export function memberPath(path: string): string {
  return path
    .replace(/^(\.\/+)+/, "")
    .replace(/^\.$/, "")
    .replace(/\/+$/, "");
}

/** Of the wanted paths those that `present` lacks, in the order of `wanted`. Windows does not tell capital letters from small ones. */
export function missingFrom(wanted: readonly string[], present: readonly string[], system: System): string[] {
  const key = (path: string): string => (system === "windows" ? path.toLowerCase() : path);
  const have = new Set(present.map(key));
  return wanted.filter((path) => !have.has(key(path)));
}
