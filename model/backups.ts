import { CutoverError } from "./error.ts";
import type { Entry, Page } from "./ledger.ts";

/** A backup that the ledger knows of, from a run's receipt or from `cutover backup`. Times are ISO 8601 in UTC. */
export interface KnownBackup {
  /** Unique in the stack: `infomart-dev/gim-t100/3`. */
  id: string;
  service: string;
  /** `pgDump`, `platform` (all operational databases and nodes), or what else made it: `command`, `evidence`. */
  kind: string;
  /** Relative to the project folder; null when another system keeps it. */
  folder: string | null;
  /** Sha256 of its manifest, as the ledger has it. */
  sha256: string | null;
  bytes: number | null;
  /** What was written later is not in it. */
  takenAt: string;
  /** `run 12`, or who took it. */
  origin: string;
}

/** Stands for the service in backups of everything that a platform has outside Kubernetes. */
export const wholePlatform = "platform";

/** All backups of a stack, newest first; one that several attempts kept is listed once. */
export function knownBackups(pages: readonly Page[]): KnownBackup[] {
  const found = new Map<string, KnownBackup>();
  for (const page of pages) {
    for (const entry of page.entries) {
      const backup = backupOf(entry, page.number);
      if (backup !== null && !found.has(backup.id)) found.set(backup.id, backup);
    }
  }
  return [...found.values()].sort((a, b) => Date.parse(b.takenAt) - Date.parse(a.takenAt));
}

function backupOf(entry: Entry, page: number): KnownBackup | null {
  if (entry.kind === "backup") {
    const { backupId: id, service, folder, sha256, bytes, takenAt } = entry;
    const kind = service === wholePlatform ? "platform" : "pgDump";
    return { id, service, kind, folder, sha256, bytes, takenAt, origin: entry.by };
  }
  if (entry.kind !== "receipt") return null;
  const { step, service, verdict, facts, startedAt } = entry.receipt;
  const { backupId, kind, folder, sha256, bytes, startedAt: began, finishedAt } = facts;
  if (step !== "backup" || verdict !== "passed" || typeof backupId !== "string") return null;
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return {
    id: backupId,
    service: service ?? wholePlatform,
    kind: text(kind) ?? "unknown",
    folder: text(folder),
    sha256: text(sha256),
    bytes: typeof bytes === "number" ? bytes : null,
    // A dump shows the database as it was when the dump began.
    takenAt: text(began) ?? text(finishedAt) ?? startedAt,
    origin: `run ${page}`,
  };
}

/**
 * The backup that a person names: by its id, by the end of it (`gim-t100/3`), or `latest`. `service` narrows the search.
 * Throws CUT-6300 (exit code 2) when none or several fit.
 */
export function findBackup(known: readonly KnownBackup[], named: string, service?: string): KnownBackup {
  const own = known.filter((backup) => service === undefined || backup.service === service);
  const services = new Set(own.map((backup) => backup.service));
  const exact = own.filter((backup) => backup.id === named);
  const fitting =
    named === "latest"
      ? own.filter((backup, index) => own.findIndex((other) => other.service === backup.service) === index)
      : exact.length > 0
        ? exact
        : own.filter((backup) => backup.id.endsWith(`/${named}`));
  const [first, second] = fitting;
  if (first !== undefined && second === undefined) return first;
  throw new CutoverError({
    code: "CUT-6300",
    verdict: "failed",
    happened:
      first === undefined
        ? `the ledger knows no backup ${named}${service === undefined ? "" : ` of ${service}`}`
        : `${named} fits several backups`,
    evidence: (first === undefined ? own : fitting)
      .slice(0, 5)
      .map((backup) => `${backup.id}, taken ${backup.takenAt}`),
    untouched: "Nothing was changed.",
    next:
      services.size > 1 ? "Name the whole id, or one service by --service." : "Choose one: cutover backup STACK --list",
    exitCode: 2,
  });
}
