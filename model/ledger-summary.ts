import { headOf, type Entry, type Page, type ServiceTarget } from "./ledger.ts";
import type { OpenOperation } from "./operation.ts";
import type { Receipt } from "./step.ts";

/** The verification that a service's present state rests on. */
export interface VerifiedService {
  service: string;
  releaseSet: string;
  digest: string;
  /** Attempt that verified it; it becomes the trigger of a no-op. */
  attempt: string;
  at: string;
}

/** A run that has begun and has not been closed. */
export interface OpenRun {
  number: number;
  targetDigest: string;
  releaseSet: string;
  tries: number;
  targets: ServiceTarget[];
  receipts: Receipt[];
}

/** A Helm revision of someone else's that was found equal to a release set. */
export interface AdoptedRevision {
  revision: number;
  digest: string;
  releaseSet: string;
}

/** What the program and the steps need to know of a stack's past. */
export interface LedgerSummary {
  head: string;
  lastPage: number;
  openRun: OpenRun | null;
  /** Attempt of the last run that was closed as passed. */
  lastPassedAttempt: string | null;
  /** Target digest of that run; null also when a later run towards something else has touched a service. */
  lastPassedTarget: string | null;
  /** Latest verification per service; removed as soon as a later run has released the service again. */
  verified: Map<string, VerifiedService>;
  /** Latest verification per service, whatever happened since: the target of a rollback. */
  lastVerified: Map<string, VerifiedService>;
  /** How often recover has unlocked a Helm release, by its name; Pulumi has to upgrade it once more after each. */
  recoveries: Map<string, number>;
  /** Adopted revision by service. */
  adopted: Map<string, AdoptedRevision>;
  hold: string | null;
  acknowledged: Set<string>;
  /** The driver's operation that has begun and not ended; null: none. */
  operation: OpenOperation | null;
}

/** Reads a stack's pages, oldest first or in any order. */
export function summarize(pages: readonly Page[]): LedgerSummary {
  const summary: LedgerSummary = {
    head: headOf(pages),
    lastPage: 0,
    openRun: null,
    lastPassedAttempt: null,
    lastPassedTarget: null,
    verified: new Map(),
    lastVerified: new Map(),
    recoveries: new Map(),
    adopted: new Map(),
    hold: null,
    acknowledged: new Set(),
    operation: null,
  };
  for (const page of [...pages].sort((a, b) => a.number - b.number)) readPage(summary, page);
  return summary;
}

function readPage(summary: LedgerSummary, page: Page): void {
  summary.lastPage = page.number;
  let run: OpenRun | null = null;
  let attempt = "";
  for (const entry of page.entries) {
    switch (entry.kind) {
      case "attempt":
        run ??= {
          number: page.number,
          targetDigest: entry.targetDigest,
          releaseSet: entry.releaseSet,
          tries: 0,
          targets: entry.targets,
          receipts: [],
        };
        run.tries += 1;
        attempt = entry.attempt;
        break;
      case "receipt":
        run?.receipts.push(entry.receipt);
        // What a run towards something else has touched may not be part of that target at all: it does not stand any more.
        if (entry.receipt.service !== null && run?.targetDigest !== summary.lastPassedTarget)
          summary.lastPassedTarget = null;
        readReceipt(summary, entry.receipt, entry.digest, entry.releaseSet, entry.at);
        break;
      case "closed":
        if (entry.verdict !== "passed" || run === null) break;
        summary.lastPassedAttempt = attempt;
        summary.lastPassedTarget = run.targetDigest;
        break;
      default:
        readEvent(summary, entry);
    }
  }
  if (page.open && run !== null) summary.openRun = run;
}

/** Entries that may stand outside any run. */
function readEvent(summary: LedgerSummary, entry: Entry): void {
  switch (entry.kind) {
    case "hold":
      summary.hold = entry.reason;
      break;
    case "unhold":
      summary.hold = null;
      break;
    case "recovery":
      readRecovery(summary, entry.unlocked ?? []);
      break;
    case "acknowledgement":
      summary.acknowledged.add(entry.note);
      break;
    case "operation": {
      const { id, operation, targets, reason, by, answersRun, at } = entry;
      summary.operation = { id, operation, targets, reason, by, answersRun, at };
      break;
    }
    case "operationEnded":
      if (summary.operation?.id === entry.id) summary.operation = null;
      break;
    case "adopted": {
      const { service, revision, digest, releaseSet } = entry;
      summary.adopted.set(service, { revision, digest, releaseSet });
      break;
    }
    case "removed":
      summary.adopted.delete(entry.service);
      summary.verified.delete(entry.service);
      summary.lastVerified.delete(entry.service);
      break;
    default:
      break;
  }
}

function readRecovery(summary: LedgerSummary, unlocked: readonly string[]): void {
  for (const release of unlocked) {
    summary.recoveries.set(release, (summary.recoveries.get(release) ?? 0) + 1);
    // A Helm release has its service's name. Nobody knows how far the interrupted upgrade came.
    summary.verified.delete(release);
  }
}

function readReceipt(
  summary: LedgerSummary,
  receipt: Receipt,
  digest: string | null,
  releaseSet: string,
  at: string,
): void {
  if (receipt.service === null || digest === null) return;
  if (receipt.step !== "verify") {
    // Any other step of the service means that it is being changed: what was verified no longer stands.
    summary.verified.delete(receipt.service);
    return;
  }
  if (receipt.verdict !== "passed") {
    summary.verified.delete(receipt.service);
    return;
  }
  const verified = { service: receipt.service, releaseSet, digest, attempt: receipt.attempt, at };
  summary.verified.set(receipt.service, verified);
  summary.lastVerified.set(receipt.service, verified);
}

/** The attempts that become triggers (design.md 3, "Triggers of every step"). */
export interface Attempts {
  /** Of preflight and finish. */
  platform: string;
  /** Of each service's steps. */
  services: Map<string, string>;
  /** True when nothing has to run. */
  nothingToDo: boolean;
}

/** Chooses attempts so that a no-op stays a no-op and every other `up` judges everything anew. */
export function chooseAttempts(
  summary: LedgerSummary,
  targets: readonly ServiceTarget[],
  targetDigest: string,
): Attempts {
  const open = summary.openRun;
  const next =
    open !== null && open.targetDigest === targetDigest
      ? `${open.number}.${open.tries + 1}`
      : `${summary.lastPage + 1}.1`;
  const services = new Map<string, string>();
  let allVerified = true;
  for (const target of targets) {
    const verified = summary.verified.get(target.service);
    const stands = verified !== undefined && verified.digest === target.digest;
    allVerified &&= stands;
    services.set(target.service, stands ? verified.attempt : next);
  }
  // On hold preflight has to speak, also where nothing would change: silence would look like consent.
  const free = open === null && summary.hold === null;
  // Another target with the same services (one fewer, or a release set of another name) is a run of its own.
  const sameTarget = summary.lastPassedAttempt !== null && summary.lastPassedTarget === targetDigest;
  const nothingToDo = allVerified && free && sameTarget;
  return { platform: nothingToDo ? (summary.lastPassedAttempt ?? next) : next, services, nothingToDo };
}
