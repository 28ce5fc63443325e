import { summarize } from "./ledger-summary.ts";
import type { Entry, Page, ServiceTarget } from "./ledger.ts";

/** A closed run that verified a stack at a release set, and what the ledger says since. Times are ISO 8601 in UTC. */
export interface VerifiedSet {
  run: number;
  releaseSet: string;
  /** Sha256 of the set's folder; null in runs of a cutover that did not record it. */
  hash: string | null;
  judgedBy: { [role: string]: string };
  targets: ServiceTarget[];
  /** When it was verified; after a failure: when all services were verified again. */
  verifiedAt: string;
  /** Versions of cutover that judged what stands. */
  toolVersions: string[];
  /** The last thing that went wrong since; null: nothing, or all was verified again after it. */
  failedSince: { at: string; text: string } | null;
  /** Services that no longer stand as this run verified them. */
  fallen: string[];
}

/**
 * The release set at which all services stand now, the latest first; where there is none (after a rollback of one service), that of
 * the last run that passed. Null: no run has passed.
 */
export function lastVerifiedRelease(pages: readonly Page[]): string | null {
  const latestFirst = pages.toSorted((a, b) => b.number - a.number).filter(passed);
  const names = [...new Set(latestFirst.flatMap((page) => attemptOf(page)?.releaseSet ?? []))];
  const stands = (name: string): boolean => {
    const found = verifiedSet(pages, name);
    return found?.fallen.length === 0 && found.targets.every((target) => target.releaseSet === name);
  };
  return names.find(stands) ?? names[0] ?? null;
}

/** The last run that was closed as passed towards this release set; null when there is none. */
export function verifiedSet(pages: readonly Page[], releaseSet: string): VerifiedSet | null {
  const sorted = pages.toSorted((a, b) => a.number - b.number);
  const page = sorted.findLast((one) => {
    const begun = attemptOf(one);
    return begun?.releaseSet === releaseSet && passed(one);
  });
  const begun = page === undefined ? null : attemptOf(page);
  if (page === undefined || begun === null) return null;
  const { verified } = summarize(pages);
  const found: VerifiedSet = {
    run: page.number,
    releaseSet: begun.releaseSet,
    hash: begun.setHash ?? null,
    judgedBy: begun.judgedBy ?? {},
    targets: begun.targets,
    verifiedAt: page.entries.findLast((entry) => entry.kind === "closed")?.at ?? begun.at,
    toolVersions: [],
    failedSince: null,
    fallen: begun.targets.flatMap(({ service, digest }) => (verified.get(service)?.digest === digest ? [] : [service])),
  };
  found.toolVersions = judgingVersions(
    sorted,
    found.targets,
    new Set([...verified.values()].map((one) => one.attempt)),
  );
  for (const later of sorted.filter((one) => one.number > page.number)) {
    for (const entry of later.entries) readLater(found, entry);
  }
  return found;
}

function attemptOf(page: Page): Extract<Entry, { kind: "attempt" }> | null {
  return page.entries.findLast((entry) => entry.kind === "attempt") ?? null;
}

function passed(page: Page): boolean {
  return page.entries.some((entry) => entry.kind === "closed" && entry.verdict === "passed");
}

function judgingVersions(pages: readonly Page[], targets: readonly ServiceTarget[], attempts: Set<string>): string[] {
  const versions = new Map<string, string>();
  for (const entry of pages.flatMap((page) => page.entries)) {
    if (entry.kind !== "receipt" || entry.receipt.step !== "verify" || !attempts.has(entry.receipt.attempt)) continue;
    const target = targets.find((one) => one.service === entry.receipt.service && one.digest === entry.digest);
    if (target !== undefined) versions.set(target.service, entry.receipt.toolVersion);
  }
  return [...new Set(versions.values())];
}

function readLater(found: VerifiedSet, entry: Entry): void {
  const bad = (verdict: string): boolean => ["failed", "errored", "inconclusive"].includes(verdict);
  if (entry.kind === "receipt") {
    const { step, service, verdict, summary } = entry.receipt;
    // A preflight that refuses says that a run may not begin, not that what runs is bad.
    if (step === "preflight" || !bad(verdict)) return;
    found.failedSince = { at: entry.at, text: `${service ?? "platform"} ${step} ${verdict}: ${summary}` };
  }
  if (entry.kind !== "verification") return;
  if (bad(entry.verdict)) {
    const services = entry.results.filter((result) => bad(result.verdict)).map((result) => result.service);
    found.failedSince = { at: entry.at, text: `verification ${entry.verdict}: ${services.join(", ")}` };
    return;
  }
  const good = new Set(entry.results.flatMap((result) => (result.verdict === "passed" ? [result.service] : [])));
  if (entry.verdict !== "passed" || !found.targets.every(({ service }) => good.has(service))) return;
  // All gates of all services again: after a failure the soak begins anew.
  if (found.failedSince !== null) [found.failedSince, found.verifiedAt] = [null, entry.at];
  if (entry.toolVersion !== undefined) found.toolVersions = [entry.toolVersion];
}
