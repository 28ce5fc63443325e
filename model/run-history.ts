import { summarize } from "./ledger-summary.ts";
import type { Entry, Page, ServiceTarget } from "./ledger.ts";
import type { OperationKind } from "./operation.ts";
import type { Receipt } from "./step.ts";
import { letsPass, type Verdict } from "./verdict.ts";

/** One run as a line of history. Times are ISO 8601 in UTC. */
export interface RunRecord {
  number: number;
  operation: OperationKind;
  /** Id of the driver's operation that it was a part of, such as a rollback in several runs; null: none. */
  partOf: string | null;
  /** Release sets at which the services that it changed stood verified before; empty: none was installed. */
  from: string[];
  to: string;
  startedAt: string;
  /** Null while it is open. */
  endedAt: string | null;
  /** From its first attempt to its last entry, pauses between the tries included; milliseconds. */
  durationMilliseconds: number;
  tries: number;
  /** `open` while it can be resumed. */
  verdict: Verdict | "open";
  /** Why it ended. */
  reason: string;
  /** Who began it. */
  by: string;
}

/** One try of a run. */
export interface AttemptRecord {
  attempt: string;
  by: string;
  at: string;
  receipts: Receipt[];
  /** Preflight checks that were let pass. */
  overrides: { check: string; reason: string }[];
}

/** One run with everything that the ledger knows of it. */
export interface RunDetails extends RunRecord {
  targets: ServiceTarget[];
  attempts: AttemptRecord[];
  /** The first receipt of the last try that did not pass; null: all passed. */
  stoppedBy: Receipt | null;
}

/** All runs, newest first. Pages without an attempt are events, not runs. */
export function runHistory(pages: readonly Page[]): RunRecord[] {
  const sorted = [...pages].sort((a, b) => a.number - b.number);
  const runs: RunRecord[] = [];
  let operation: string | null = null;
  for (const [index, page] of sorted.entries()) {
    const record = runOf(page, sorted.slice(0, index), operation);
    if (record !== null) runs.push(record);
    for (const entry of page.entries) {
      if (entry.kind === "operation") operation = entry.id;
      if (entry.kind === "operationEnded" && entry.id === operation) operation = null;
    }
  }
  return runs.reverse();
}

function runOf(page: Page, before: readonly Page[], operation: string | null): RunRecord | null {
  const attempts = page.entries.filter((entry) => entry.kind === "attempt");
  const [first] = attempts;
  const last = page.entries.at(-1);
  if (first === undefined || last === undefined) return null;
  const closed = page.entries.findLast((entry) => entry.kind === "closed");
  const startedAt = startOf(page, first);
  return {
    number: page.number,
    operation: first.operation,
    partOf: operation,
    from: sourcesOf(first.targets, before),
    to: first.releaseSet,
    startedAt,
    endedAt: page.open ? null : last.at,
    durationMilliseconds: Math.max(0, Date.parse(last.at) - Date.parse(startedAt)),
    tries: attempts.length,
    verdict: closed?.verdict ?? (page.open ? "open" : "notRun"),
    reason: closed?.reason ?? "",
    by: first.owner,
  };
}

// Preflight opens the attempt when its checks are done: the run began when they did.
function startOf(page: Page, first: Extract<Entry, { kind: "attempt" }>): string {
  const begun = page.entries.flatMap((entry) =>
    entry.kind === "receipt" && entry.receipt.step === "preflight" && entry.receipt.attempt === first.attempt
      ? [entry.receipt.startedAt]
      : [],
  );
  return [first.at, ...begun].sort()[0] ?? first.at;
}

/** Where the services that change stood before; all of them when the run changed none. */
function sourcesOf(targets: readonly ServiceTarget[], before: readonly Page[]): string[] {
  const { lastVerified } = summarize(before);
  const changing = targets.filter((target) => lastVerified.get(target.service)?.digest !== target.digest);
  const looked = changing.length === 0 ? targets : changing;
  return [...new Set(looked.flatMap((target) => lastVerified.get(target.service)?.releaseSet ?? []))].sort();
}

/** One run by its number; null when that page is no run. */
export function runDetails(pages: readonly Page[], number: number): RunDetails | null {
  const record = runHistory(pages).find((run) => run.number === number);
  const page = pages.find((candidate) => candidate.number === number);
  if (record === undefined || page === undefined) return null;
  const attempts: AttemptRecord[] = [];
  let targets: ServiceTarget[] = [];
  for (const entry of page.entries) {
    if (entry.kind === "attempt") {
      if (attempts.length === 0) targets = entry.targets;
      attempts.push({ attempt: entry.attempt, by: entry.owner, at: entry.at, receipts: [], overrides: [] });
      continue;
    }
    const current = attempts.find((one) => one.attempt === attemptOf(entry)) ?? attempts.at(-1);
    if (entry.kind === "receipt") current?.receipts.push(entry.receipt);
    if (entry.kind === "override") current?.overrides.push({ check: entry.check, reason: entry.reason });
  }
  const stoppedBy = attempts.at(-1)?.receipts.find((receipt) => !letsPass(receipt.verdict)) ?? null;
  return { ...record, targets, attempts, stoppedBy };
}

function attemptOf(entry: Entry): string | null {
  if (entry.kind === "receipt") return entry.receipt.attempt;
  return entry.kind === "override" ? entry.attempt : null;
}
