import { CutoverError } from "../error.ts";
import { findJsonProblem } from "../json-problem.ts";
import { holdsPlugins, readPlugins, type AssistantPlugin } from "./assistant-plugins.ts";

/** A setting of the Assistant's output. */
export type AssistantValue = string | number | boolean;

/**
 * What the vendor's Upgrade Assistant (RedPoint.Interaction.UpgradeHelper.exe) found in v6: environment variables of v7 by section, and
 * plugins (facts/domain.md A7). It holds database passwords: all of it is secret, only its key names are not.
 */
export interface AssistantReport {
  /** `General`, `Execution`, `InteractionAPI`, ...; per section the variables that have a value. */
  settings: Map<string, Map<string, AssistantValue>>;
  /** `Section.Key` of variables that are there without a value: `[not set]`, `[x]`, an empty text. */
  notSet: string[];
  plugins: AssistantPlugin[];
  /** `Section` or `Section.Key` of what has a shape that nobody expects. */
  notUnderstood: string[];
}

/**
 * Reads the Assistant's output. Throws CUT-2065 with line, column and what is probably missing when it is not JSON, CUT-2066 when it is
 * not an Assistant's output. No error holds a value of it.
 */
export function readAssistant(text: string): AssistantReport {
  const problem = findJsonProblem(text, isKeyName);
  if (problem !== null) throw malformed(problem.line, problem.column, problem.text);
  const document: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
  if (!isMap(document)) throw notAnOutput("its outermost value is not an object");
  const report: AssistantReport = { settings: new Map(), notSet: [], plugins: [], notUnderstood: [] };
  for (const [section, value] of Object.entries(document)) readSection(report, section, value);
  if (report.settings.size === 0 && report.notSet.length === 0 && report.plugins.length === 0)
    throw notAnOutput("it has neither a section with settings, such as General, nor plugins");
  return report;
}

/** One setting; undefined when it is absent or not set. */
export function assistantValue(report: AssistantReport, section: string, key: string): AssistantValue | undefined {
  return report.settings.get(section)?.get(key);
}

function readSection(report: AssistantReport, section: string, value: unknown): void {
  if (holdsPlugins(section)) return readPluginPart(report, section, section, value);
  if (!isMap(value)) return void report.notUnderstood.push(section);
  const settings = new Map<string, AssistantValue>();
  for (const [key, inner] of Object.entries(value)) {
    const name = `${section}.${key}`;
    if (holdsPlugins(key) && typeof inner === "object") readPluginPart(report, key, name, inner);
    else if (isUnset(inner)) report.notSet.push(name);
    else if (typeof inner === "string" || typeof inner === "number" || typeof inner === "boolean")
      settings.set(key, inner);
    else report.notUnderstood.push(name);
  }
  if (settings.size > 0) report.settings.set(section, settings);
}

function readPluginPart(report: AssistantReport, key: string, name: string, value: unknown): void {
  const plugins = readPlugins(key, value);
  if (plugins === null) report.notUnderstood.push(name);
  else report.plugins.push(...plugins);
}

// The vendor's examples write what has no value as `[not set]` or `[x]`.
function isUnset(value: unknown): boolean {
  return value === null || (typeof value === "string" && /^(\s*|\[[^\]]*\])$/.test(value));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

// Only what looks like the Assistant's own names: in a damaged text a password may stand where a key should.
function isKeyName(key: string): boolean {
  return /^(General|Execution|InteractionAPI|[A-Za-z]*Plugins?|(RPI|RPIExecution|RPIClient|ConnectionStrings)(__[A-Za-z]+)+)$/.test(
    key,
  );
}

const next =
  "correct the file, then set it again: pulumi config set --secret cutover:upgradeAssistant --stack <stack> < the-output.json";

function malformed(line: number, column: number, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-2065",
    verdict: "failed",
    happened: `the Upgrade Assistant's output is not JSON: line ${line}, column ${column}: ${problem}`,
    evidence: ["the vendor's own example lacks a quote in the same way: the file may have been edited by hand"],
    untouched: "nothing was touched",
    next,
    exitCode: 2,
  });
}

function notAnOutput(why: string): CutoverError {
  return new CutoverError({
    code: "CUT-2066",
    verdict: "failed",
    happened: `cutover:upgradeAssistant is not an output of the Upgrade Assistant: ${why}`,
    untouched: "nothing was touched",
    next,
    exitCode: 2,
  });
}
