import { resolve } from "node:path";
import type { DatabaseCredentials, Postgres } from "../../clients/contracts.ts";
import { findBackup, knownBackups, type KnownBackup } from "../../model/backups.ts";
import { CutoverError } from "../../model/error.ts";
import type { Page } from "../../model/ledger.ts";
import { recordedRestores, restoreNames, unfinishedRestore, type RecordedRestore } from "../../model/restore.ts";
import type { ResolvedService } from "../../model/service.ts";
import { backupProblem } from "../../steps/database/backup-files.ts";
import { freeBytesOf, missingRights, readRestoreRights } from "../../steps/database/restore-rights.ts";
import { chooseServices, servicesNow } from "../planned-services.ts";
import { identityNow, manualAttempt, openStepWork } from "../step-work.ts";
import type { VerbContext } from "../verb.ts";
import { administratorOf, openServer } from "./administrator.ts";
import { workloadsOf } from "./stop-service.ts";

export interface RestoreInput {
  stack: string;
  service: string;
  backupId: string;
  /** The service is not started again: a rollback does that with the older release set. */
  leaveStopped: boolean;
}

/** A restore of which everything that can be checked beforehand was checked. Nothing was changed yet. */
export interface PreparedRestore {
  stack: string;
  service: ResolvedService;
  /** As it stands in the ledger, or as it will. */
  restore: RecordedRestore;
  /** It was begun before and is continued. */
  continues: boolean;
  administrator: DatabaseCredentials;
  /** For people: what could not be checked. */
  warnings: string[];
}

/**
 * Finds backup, service and rights, reads the whole backup again, and makes the plan; changes nothing. An interrupted restore from the
 * same backup is continued. Throws CUT-6300 to CUT-6303, CUT-6311 and CUT-6313.
 */
export async function prepareRestore(context: VerbContext, input: RestoreInput): Promise<PreparedRestore> {
  const { stack } = input;
  const pages = await (await context.ledger(stack)).pages();
  const backup = findBackup(knownBackups(pages), input.backupId, input.service);
  const [now] = chooseServices(await servicesNow(context, stack), input.service);
  const service = now?.service;
  if (now === undefined || service?.database === null || service === undefined) throw noDatabase(input.service);
  const begun = begunRestore(pages, backup, stack);
  if (begun?.phase !== "restored" && begun?.phase !== "swapped") await checkFiles(context, backup);
  const work = {
    stack,
    step: "backup" as const,
    attempt: manualAttempt(new Date()),
    spec: { service: identityNow(now) },
  };
  const connections = await openStepWork(context, now, work);
  try {
    const credentials = await connections.context.credentials(service.database);
    const administrator = administratorOf(credentials);
    const common = { stack, service, administrator };
    if (begun !== null) return { ...common, restore: begun, continues: true, warnings: [] };
    const warnings = await checkServer(administrator, credentials.database, stack);
    const workloads = await workloadsOf(await context.kubernetes(stack), service);
    return {
      ...common,
      restore: newRestore(backup, credentials.database, { ...input, workloads }),
      continues: false,
      warnings,
    };
  } finally {
    await connections.close();
  }
}

function newRestore(
  backup: KnownBackup,
  database: string,
  how: Pick<RecordedRestore["plan"], "workloads" | "leaveStopped">,
): RecordedRestore {
  const now = new Date();
  const names = restoreNames(database, now);
  return {
    id: `restore-${backup.service}-${now.getTime().toString(36)}`,
    service: backup.service,
    backupId: backup.id,
    phase: "begun",
    plan: {
      ...names,
      folder: backup.folder ?? "",
      sha256: backup.sha256 ?? "",
      backupTakenAt: backup.takenAt,
      begunAt: now.toISOString(),
      workloads: how.workloads,
      leaveStopped: how.leaveStopped,
    },
  };
}

/** The interrupted restore that this one continues; null: there is none. Throws CUT-6311 when one from another backup is in the way. */
function begunRestore(pages: readonly Page[], backup: KnownBackup, stack: string): RecordedRestore | null {
  const unfinished = unfinishedRestore(pages, backup.service);
  if (unfinished === null || unfinished.backupId === backup.id) return unfinished;
  throw new CutoverError({
    code: "CUT-6311",
    verdict: "failed",
    happened: `a restore of ${backup.service} from another backup was begun and not finished`,
    evidence: [`from ${unfinished.backupId}, at phase ${unfinished.phase}`],
    untouched: "Nothing was changed.",
    next: `cutover restore ${stack} ${unfinished.backupId} finishes it; with --undo it is taken back where that is still possible`,
    exitCode: 20,
  });
}

/** The restore from this backup that ended with the service left stopped, when nothing was started since; null: there is none. */
export function endedRestore(pages: readonly Page[], input: RestoreInput): RecordedRestore | null {
  const last = recordedRestores(pages).findLast((restore) => restore.service === input.service);
  if (last?.phase !== "ended" || !last.plan.leaveStopped || !input.leaveStopped) return null;
  const named = last.backupId === input.backupId || last.backupId.endsWith(`/${input.backupId}`);
  return named ? last : null;
}

async function checkFiles(context: VerbContext, backup: KnownBackup): Promise<void> {
  const { folder, sha256, id, kind } = backup;
  const refused = (happened: string, evidence: string[], next: string): CutoverError =>
    new CutoverError({
      code: "CUT-6302",
      verdict: "failed",
      happened,
      evidence,
      untouched: "Nothing was stopped or changed.",
      next,
      exitCode: 16,
    });
  if (kind !== "pgDump" || folder === null || sha256 === null) {
    throw refused(`the backup ${id} was not made by cutover (${kind})`, [], "Restore it with the tool that made it.");
  }
  context.output.note(`checking all files of the backup ${id}`);
  const problem = await backupProblem(resolve(context.root, folder), sha256, context.signal);
  if (problem === null) return;
  throw refused(
    `the backup ${id} is not as it was when it was taken`,
    [`${folder}: ${problem}`],
    "Put the file back from a copy, or choose another backup: cutover backup STACK --list",
  );
}

/** Throws CUT-6303 when rights or space are missing; returns what could not be checked. */
async function checkServer(administrator: DatabaseCredentials, database: string, stack: string): Promise<string[]> {
  const server: Postgres = await openServer(administrator);
  try {
    const rights = await readRestoreRights(server, database);
    const missing = rights === null ? [`there is no database ${database} on the server`] : missingRights(rights);
    const free = await freeBytesOf(server, administrator.host);
    const wanted = rights?.bytes ?? 0;
    if (free !== null && free < wanted * 1.1) {
      missing.push(`the server has ${megabytes(free)} free, the database beside it needs about ${megabytes(wanted)}`);
    }
    if (missing.length === 0) {
      return free === null
        ? [`the server's free space cannot be seen from here: about ${megabytes(wanted)} are needed`]
        : [];
    }
    throw new CutoverError({
      code: "CUT-6303",
      verdict: "failed",
      happened: `the role ${administrator.user} cannot restore beside and swap`,
      evidence: missing,
      untouched: "Nothing was stopped or changed.",
      next: `Grant what is named, or set CUTOVER_DATABASE_ADMIN_USER and CUTOVER_DATABASE_ADMIN_PASSWORD in the environment, then: cutover restore ${stack} ...`,
      exitCode: 15,
    });
  } finally {
    await server.close();
  }
}

function noDatabase(service: string): CutoverError {
  return new CutoverError({
    code: "CUT-6301",
    verdict: "failed",
    happened: `${service} has no database of its own`,
    untouched: "Nothing was changed.",
    next: "Name the service whose database was backed up.",
    exitCode: 2,
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
