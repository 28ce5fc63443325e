import { CutoverError } from "./error.ts";
import { sha256, type Page } from "./ledger.ts";

/** A workload of the service and the replicas it gets back. */
export interface StoppedWorkload {
  kind: "Deployment" | "StatefulSet";
  name: string;
  replicas: number;
}

/** Everything that finishing or undoing a restore needs; in the ledger before anything is changed. */
export interface RestorePlan {
  database: string;
  /** The new database beside it, until the swap. */
  restored: string;
  /** What the old database is called after the swap. */
  replaced: string;
  /** Relative to the project folder. */
  folder: string;
  sha256: string;
  /** ISO 8601, UTC. */
  backupTakenAt: string;
  /** ISO 8601, UTC: until here the service may have written what is lost. */
  begunAt: string;
  workloads: StoppedWorkload[];
  leaveStopped: boolean;
}

/** What is done for certain. `restored`: the new database is complete and compared. `ended` and `undone` close it. */
export type RestorePhase = "begun" | "stopped" | "restored" | "swapped" | "ended" | "undone";

/** A restore as the ledger has it, at its last recorded phase. */
export interface RecordedRestore {
  /** Names its processes too. */
  id: string;
  service: string;
  backupId: string;
  phase: RestorePhase;
  plan: RestorePlan;
}

const longestName = 63;

/**
 * Names for the new and the kept database: `<name>_restore_<time>` and `<name>_replaced_<time>`. PostgreSQL would cut names
 * above 63 bytes silently: a long one is shortened and made unique by a hash.
 */
export function restoreNames(database: string, now: Date): Pick<RestorePlan, "database" | "restored" | "replaced"> {
  const time = now
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replace(/[-:]/g, "")
    .replace("T", "_");
  const named = (what: string): string => {
    const end = `_${what}_${time}`;
    if (Buffer.byteLength(database + end) <= longestName) return database + end;
    const mark = `_${sha256(database).slice(0, 8)}`;
    return cutToBytes(database, longestName - end.length - mark.length) + mark + end;
  };
  return { database, restored: named("restore"), replaced: named("replaced") };
}

function cutToBytes(text: string, bytes: number): string {
  let cut = text;
  while (Buffer.byteLength(cut) > bytes) cut = [...cut].slice(0, -1).join("");
  return cut;
}

/** Which of a plan's three databases are there. */
export interface DatabasesThere {
  original: boolean;
  restored: boolean;
  replaced: boolean;
}

/** What has to be done next. `restoreAnew`: what is beside is not known to be complete and is dropped first. */
export type RestoreMove = "restoreAnew" | "swap" | "finishSwap" | "start";

/**
 * The next move, by what is there: names say more than a record that a crash may have prevented. Null: a state that no part of
 * cutover makes; somebody changed databases by hand, and a person has to look.
 */
export function nextMove(there: DatabasesThere, phase: RestorePhase): RestoreMove | null {
  const { original, restored, replaced } = there;
  if (phase === "swapped" && !(original && replaced && !restored)) return null;
  if (original && !replaced) return restored && phase === "restored" ? "swap" : "restoreAnew";
  if (original && replaced && !restored) return "start";
  if (!original && restored && replaced) return "finishSwap";
  return null;
}

/** All restores of a stack at their last phase, oldest first. */
export function recordedRestores(pages: readonly Page[]): RecordedRestore[] {
  const found = new Map<string, RecordedRestore>();
  for (const page of [...pages].sort((a, b) => a.number - b.number)) {
    for (const entry of page.entries) {
      if (entry.kind !== "restore") continue;
      const { id, service, backupId, phase, plan } = entry;
      found.set(id, { id, service, backupId, phase, plan });
    }
  }
  return [...found.values()];
}

/** The restore of a service that was begun and neither finished nor undone. */
export function unfinishedRestore(pages: readonly Page[], service: string): RecordedRestore | null {
  const last = recordedRestores(pages).findLast((restore) => restore.service === service);
  return last === undefined || last.phase === "ended" || last.phase === "undone" ? null : last;
}

/** The kept database that a person names, with the restore that kept it. Throws CUT-6312 (exit code 2) when no restore did. */
export function keptDatabase(pages: readonly Page[], name: string): RecordedRestore {
  const kept = recordedRestores(pages).filter((restore) => restore.phase === "ended");
  const found = kept.find((restore) => restore.plan.replaced === name);
  if (found !== undefined) return found;
  throw new CutoverError({
    code: "CUT-6312",
    verdict: "failed",
    happened: `no finished restore of this stack kept a database ${name}`,
    evidence: kept.map((restore) => `${restore.plan.replaced} (${restore.service}, before backup ${restore.backupId})`),
    untouched: "Nothing was removed: only databases that a restore replaced can be removed here.",
    next: "Name one of those.",
    exitCode: 2,
  });
}
