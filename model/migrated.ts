import type { Entry, Page } from "./ledger.ts";
import { callsOf, replacesDatabases } from "./upgrade-call.ts";

/**
 * When the first migration began that a service's databases still show, ISO 8601, UTC; null: none. Migrations before the end of run
 * `afterRun` belong to the state that is gone back to (0: none does). Databases that were restored or cloned anew since show none.
 * `byCall`: an upgrade API migrates it, and the ledger has each call before its first byte; otherwise the step `migrate` tells.
 */
export function migratedAt(
  pages: readonly Page[],
  service: string,
  { afterRun, byCall }: { afterRun: number; byCall: boolean },
): string | null {
  if (byCall) {
    const made = callsOf(pages, service).filter(
      ({ run, phase, undone }) => run > afterRun && !undone && phase !== "notSent" && phase !== "refused",
    );
    return made[0]?.at ?? null;
  }
  let first: string | null = null;
  for (const page of [...pages].sort((a, b) => a.number - b.number)) {
    if (page.number <= afterRun) continue;
    const begun = page.entries.find((entry) => entry.kind === "attempt");
    const goesBack = begun?.kind === "attempt" && begun.operation === "rollback";
    for (const entry of page.entries) {
      if (isReplaced(entry, service)) first = null;
      else if (!goesBack && isMigration(entry, service)) first ??= entry.at;
    }
  }
  return first;
}

/** True unless the step says for certain that it ended before anything was asked to migrate. */
function isMigration(entry: Entry, service: string): boolean {
  if (entry.kind !== "receipt") return false;
  const { service: of, step, facts } = entry.receipt;
  return of === service && step === "migrate" && facts["begun"] !== false;
}

function isReplaced(entry: Entry, service: string): boolean {
  return replacesDatabases(entry) && (entry.kind !== "restore" || entry.service === service);
}
