import { showDuration } from "../../model/duration.ts";
import type { LedgerEvent } from "../../model/ledger-event.ts";
import type { RunDetails, RunRecord } from "../../model/run-history.ts";
import type { Receipt } from "../../model/step.ts";
import { columns } from "../output.ts";

/** Runs as a table, newest first. */
export function historyLines(runs: readonly RunRecord[]): string[] {
  if (runs.length === 0) return ["no runs yet"];
  const rows = runs.map((run) => [
    String(run.number),
    operationText(run),
    movement(run),
    run.startedAt,
    showDuration(run.durationMilliseconds),
    run.tries === 1 ? "1 try" : `${run.tries} tries`,
    run.verdict,
    run.by,
  ]);
  return columns([["run", "operation", "release set", "started", "took", "tries", "verdict", "by"], ...rows]);
}

/** Runs and events together, newest first. */
export function timeline(runs: readonly RunRecord[], events: readonly LedgerEvent[]): string[] {
  const lines = [
    ...runs.map((run) => ({
      at: run.startedAt,
      page: run.number,
      text: `run ${run.number}: ${operationText(run)} ${movement(run)}, ${run.verdict} after ${showDuration(run.durationMilliseconds)}, by ${run.by}`,
    })),
    ...events.map((event) => ({ at: event.at, page: event.page, text: event.text })),
  ];
  if (lines.length === 0) return ["nothing happened yet"];
  return lines
    .sort((a, b) => b.page - a.page || (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
    .map((line) => `${line.at}  ${line.text}`);
}

function operationText(run: RunRecord): string {
  return run.partOf === null ? run.operation : `${run.operation} (${run.partOf})`;
}

function movement(run: RunRecord): string {
  return `${run.from.length === 0 ? "nothing" : run.from.join(", ")} -> ${run.to}`;
}

/** One run in full: attempts, receipts, gates with their numbers, facts, overrides. */
export function runLines(run: RunDetails): string[] {
  const ended = run.endedAt === null ? "still open" : `ended ${run.endedAt}`;
  return [
    `run ${run.number}: ${operationText(run)} ${movement(run)}: ${run.verdict}${run.reason === "" ? "" : `, ${run.reason}`}`,
    `started ${run.startedAt} by ${run.by}, ${ended}, ${showDuration(run.durationMilliseconds)}, ${run.tries === 1 ? "1 try" : `${run.tries} tries`}`,
    "targets:",
    ...columns(run.targets.map(({ service, releaseSet, digest }) => [`  ${service}`, releaseSet, digest.slice(0, 12)])),
    ...run.attempts.flatMap((attempt) => [
      "",
      `attempt ${attempt.attempt}, ${attempt.at}, by ${attempt.by}`,
      ...attempt.overrides.map(({ check, reason }) => `  override of ${check}: ${reason}`),
      ...attempt.receipts.flatMap(receiptLines),
    ]),
  ];
}

function receiptLines(receipt: Receipt): string[] {
  const { service, step, verdict, summary, durationMilliseconds, evidence, gates, facts, reused } = receipt;
  return [
    `  ${service ?? "platform"} ${step}: ${verdict}, ${showDuration(durationMilliseconds)}${reused === true ? ", kept from an earlier try" : ""}`,
    `    ${summary}`,
    ...evidence.map((line) => `    ${line}`),
    ...gates.flatMap((gate) => [
      `    gate ${gate.gate} (${gate.kind}): ${gate.verdict}, ${showDuration(gate.durationMilliseconds)}: ${gate.summary}`,
      ...gate.evidence.map((line) => `      ${line}`),
    ]),
    ...Object.entries(facts).map(
      ([name, value]) => `    ${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
    ),
  ];
}
