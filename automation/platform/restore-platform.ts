import type { LedgerStore } from "../../clients/ledger-contract.ts";
import type { StackContext } from "../../components/context.ts";
import { CutoverError } from "../../model/error.ts";
import type { Entry, Page } from "../../model/ledger.ts";
import type { PlatformBackup } from "../../model/platform-backup.ts";
import type { ResolvedService } from "../../model/service.ts";
import { checkRestorable, restoreDatabases } from "../../steps/operational/restore.ts";
import { stopService } from "../database/stop-service.ts";
import { operatorName } from "../identity.ts";
import { manualAttempt, openStepWork } from "../step-work.ts";
import type { VerbContext } from "../verb.ts";
import { namedPlatformBackup } from "./platform-backups.ts";

/** What a finished restore of all databases leaves. */
export interface PlatformRestored {
  backupId: string;
  /** Each database and the name under which the replaced one is kept; null: there was none to keep. */
  databases: { database: string; kept: string | null }[];
  /** What was written in between is only in the kept databases; ISO 8601, UTC. */
  lostInterval: { from: string; to: string };
}

interface Input {
  stack: string;
  /** Id of the backup, or its end. */
  named: string;
  /** Whose workloads are scaled to 0 before a database is touched; they stay so. */
  services: readonly ResolvedService[];
  outside: StackContext["outside"];
  /** Page from which on an ended restore of the same backup counts as this one's; 0: never. */
  sincePage: number;
}

/**
 * Brings all operational databases back to a platform backup: services stopped, every backup read first, restored beside, compared, then
 * swapped one by one; the replaced databases are kept (design.md 5). Called again after a crash it goes on; called again after it
 * ended within the same operation it does nothing. The caller holds the stack's lock and has asked the person.
 */
export async function restorePlatform(context: VerbContext, input: Input): Promise<PlatformRestored | null> {
  const { stack, outside } = input;
  const ledger = await context.ledger(stack);
  const pages = await ledger.pages();
  const { known, backup } = await namedPlatformBackup(context.root, pages, input.named);
  if (endedSince(pages, known.id, input.sincePage)) return null;
  if (outside.operationalDatabases === null) throw noDatabases(stack);
  const attempt = manualAttempt(new Date());
  const work = { stack, step: "restore" as const, attempt, spec: {} };
  const connections = await openStepWork(context, null, work);
  try {
    // A server on which this cannot be done must not cost the services.
    await checkRestorable(connections.context, outside.operationalDatabases);
    const begun = await beginRestore(ledger, pages, known.id);
    const kubernetes = await context.kubernetes(stack);
    for (const service of input.services) {
      context.output.note(`stopping ${service.name} before its databases are restored`);
      await stopService(kubernetes, service, context.signal);
    }
    const restored = await restoreDatabases(connections.context, outside.operationalDatabases, backup, {
      stamp: begun.stamp,
    });
    await ledger.append({ ...begun, phase: "ended", reason: `${restored.length} databases are back` });
    return {
      backupId: known.id,
      databases: restored.map(({ database, kept }) => ({ database, kept })),
      lostInterval: { from: backup.takenAt, to: begun.at },
    };
  } finally {
    await connections.close();
  }
}

type Begun = Extract<Entry, { kind: "platformRestore" }>;
type BegunBody = Pick<Begun, "kind" | "id" | "backupId" | "stamp" | "phase" | "reason" | "by"> & { at: string };

/** Records it before anything is stopped; one that was begun from the same backup and did not end is continued. */
async function beginRestore(ledger: LedgerStore, pages: readonly Page[], backupId: string): Promise<BegunBody> {
  const last = recorded(pages).at(-1);
  if (last?.phase === "begun") {
    if (last.backupId !== backupId) throw anotherBegun(last);
    return bodyOf(last);
  }
  const now = new Date();
  const stamp = now
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replace(/[-:]/g, "")
    .replace("T", "_");
  const body = { kind: "platformRestore", id: `restore-platform-${stamp}`, backupId, stamp } as const;
  const begun = { ...body, phase: "begun", reason: "asked for by a person", by: operatorName() } as const;
  await ledger.append(begun);
  return { ...begun, at: now.toISOString() };
}

function bodyOf({ kind, id, backupId, stamp, phase, reason, by, at }: Begun): BegunBody {
  return { kind, id, backupId, stamp, phase, reason, by, at };
}

function recorded(pages: readonly Page[]): Begun[] {
  return [...pages]
    .sort((a, b) => a.number - b.number)
    .flatMap(({ entries }) => entries.flatMap((entry) => (entry.kind === "platformRestore" ? [entry] : [])));
}

function endedSince(pages: readonly Page[], backupId: string, sincePage: number): boolean {
  if (sincePage === 0) return false;
  const last = recorded(pages.filter(({ number }) => number >= sincePage)).at(-1);
  return last?.phase === "ended" && last.backupId === backupId;
}

/** The services of the platform that a restore has to stop: those that run now. */
export function describeLoss(backup: PlatformBackup, now: Date): string {
  const names = backup.databases.map(({ database }) => database).join(", ");
  return `What was written since ${backup.takenAt} (now ${now.toISOString()}) leaves ${names}; it stays in the databases that are kept.`;
}

function anotherBegun(last: Begun): CutoverError {
  return new CutoverError({
    code: "CUT-6351",
    verdict: "failed",
    happened: "a restore from another backup was begun and has not ended",
    evidence: [`${last.id} from ${last.backupId}, begun ${last.at} by ${last.by}`],
    untouched: "Nothing was stopped or changed.",
    next: `cutover restore STACK ${last.backupId} finishes it`,
    exitCode: 20,
  });
}

function noDatabases(stack: string): CutoverError {
  return new CutoverError({
    code: "CUT-6352",
    verdict: "failed",
    happened: `${stack} has no operational databases`,
    untouched: "Nothing was changed.",
    next: "Write cutover:operationalDatabases into the stack file.",
    exitCode: 2,
  });
}
