import { count } from "./outcome.ts";
import type { JudgedCheck, Judgement } from "./judge.ts";

const widest = 160;
const mostEvidence = 12;

/** All results as a table. */
export function tableRows(judgement: Judgement): string[] {
  const width = Math.max(...judgement.checks.map((one) => one.check.name.length), 0);
  return judgement.checks.map((one) => {
    const text =
      one.overriddenBecause === null
        ? one.result.summary
        : `${one.result.summary} (override: ${one.overriddenBecause})`;
    return cut(`${mark(one)}  ${one.check.name.padEnd(width)}  ${text}`);
  });
}

// Words stand beside the signs, so that nobody depends on a font or on colour.
function mark(one: JudgedCheck): string {
  if (one.overriddenBecause !== null) return "! overridden";
  switch (one.result.verdict) {
    case "passed":
      return "✓ passed    ";
    case "failed":
      return "✗ failed    ";
    case "errored":
      return "? errored   ";
    case "skipped":
      return "- skipped   ";
  }
}

/**
 * What stops the run: code, evidence, what is untouched and what to do. One block per cause: a cluster that is gone makes
 * twenty checks say the same.
 */
export function problemLines(stopping: readonly JudgedCheck[]): string[] {
  const causes = new Map<string, JudgedCheck[]>();
  for (const one of stopping) {
    const key = `${codeOf(one)} ${one.result.verdict}: ${one.result.summary}`;
    causes.set(key, [...(causes.get(key) ?? []), one]);
  }
  return [...causes].flatMap(([text, group]) => problemBlock(text, group));
}

function problemBlock(text: string, group: readonly JudgedCheck[]): string[] {
  const [first] = group;
  if (first === undefined) return [];
  const { evidence } = first.result;
  const shown = evidence.slice(0, mostEvidence);
  const refused = group.filter((one) => one.refusedOverride).map((one) => one.check.name);
  return [
    text,
    `  check: ${group.map((one) => one.check.name).join(", ")}`,
    ...shown.map((line) => `  evidence: ${line}`),
    ...(shown.length < evidence.length ? [`  evidence: and ${evidence.length - shown.length} more`] : []),
    ...(refused.length === 0 ? [] : [`  override: ${refused.join(", ")} can't be overridden; remove the override`]),
    "  untouched: nothing was touched: no database, no Helm release, no pod",
    ...(first.result.next === undefined ? [] : [`  next: ${first.result.next}`]),
  ];
}

/** `CUT-xxxx` of a result. */
export function codeOf(one: JudgedCheck): `CUT-${number}` {
  return one.result.code ?? one.check.code;
}

/** `26 checks: 24 passed, 1 failed (skew), 1 overridden (install-order)`. */
export function summaryOf(judgement: Judgement): string {
  const groups = new Map<string, string[]>();
  for (const one of judgement.checks) {
    const word = one.overriddenBecause === null ? one.result.verdict : "overridden";
    groups.set(word, [...(groups.get(word) ?? []), one.check.name]);
  }
  const parts = ["passed", "skipped", "overridden", "failed", "errored"].flatMap((word) => {
    const names = groups.get(word);
    if (names === undefined) return [];
    const listed = word === "passed" || word === "skipped" ? "" : ` (${names.join(", ")})`;
    return [`${names.length} ${word}${listed}`];
  });
  return `${count(judgement.checks.length, "check")}: ${parts.join(", ")}`;
}

function cut(line: string): string {
  return line.length <= widest ? line : `${line.slice(0, widest - 1)}…`;
}
