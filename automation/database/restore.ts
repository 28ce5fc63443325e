import { join, resolve } from "node:path";
import type { Kubernetes, Postgres } from "../../clients/contracts.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import { nextMove, type DatabasesThere, type RecordedRestore, type RestorePhase } from "../../model/restore.ts";
import { createLike, readProperties } from "../../steps/database/database-copy.ts";
import { databasesThere, dropDatabase, endSessionsOnce, swapDatabases } from "../../steps/database/database-swap.ts";
import { restoreDump } from "../../steps/database/pg-restore.ts";
import { redactText } from "../../steps/redaction.ts";
import { removeLogins, workIdVariable } from "../../steps/work/files.ts";
import { endLeftBehind } from "../../steps/work/left-behind.ts";
import { operatorName } from "../identity.ts";
import type { VerbContext } from "../verb.ts";
import { openServer } from "./administrator.ts";
import { endedRestore, prepareRestore, type PreparedRestore, type RestoreInput } from "./prepare-restore.ts";
import { startService, stopService, workloadsOf } from "./stop-service.ts";

/** What a finished restore leaves. Times are ISO 8601 in UTC. */
export interface RestoreResult {
  /** The old database under its new name; it stays until a person removes it. */
  replacedDatabase: string;
  /** Id of the backup. */
  restoredFrom: string;
  /** What was written in between is only in the replaced database. */
  lostInterval: { from: string; to: string };
}

/**
 * Restores a service's database from a backup of this stack: service stopped, restored beside, compared, swapped; the old database is
 * kept (design.md 5). Called again after a crash it goes on where it was; called again after it ended with the service left stopped it
 * does nothing. The caller holds the stack's lock and has asked the person. Throws CUT-6300 to CUT-6311; when a part before the
 * swap fails, everything is taken back.
 */
export async function restoreBackup(context: VerbContext, input: RestoreInput): Promise<RestoreResult> {
  const ended = endedRestore(await (await context.ledger(input.stack)).pages(), input);
  const prepared = await prepareRestore(context, input);
  const { service, stack } = prepared;
  if (ended !== null && !prepared.continues) {
    const workloads = await workloadsOf(await context.kubernetes(stack), service);
    if (workloads.every(({ replicas }) => replicas === 0)) return resultOf(ended);
  }
  return performRestore(context, prepared);
}

/** The changing part of `restoreBackup`. */
export async function performRestore(context: VerbContext, prepared: PreparedRestore): Promise<RestoreResult> {
  const { restore, administrator } = prepared;
  const work = await openWork(context, prepared);
  const ended = await endLeftBehind(restore.id);
  for (const process of ended) work.say(`ended what the interrupted restore left behind: ${process}`);
  process.env[workIdVariable] = restore.id;
  try {
    if (!prepared.continues) await work.record("begun", `backup of ${restore.plan.backupTakenAt}`);
    for (;;) {
      const there = await databasesThere(work.server, restore.plan);
      switch (nextMove(there, restore.phase)) {
        case "restoreAnew":
          await restoreAnew(work).catch((error: unknown) => takeBack(work, error));
          break;
        case "swap":
        case "finishSwap":
          await stopService(work.kubernetes, prepared.service, context.signal);
          work.say(`swapping ${restore.plan.database}: the old one is kept as ${restore.plan.replaced}`);
          await swapDatabases(() => openServer(administrator), restore.plan, there);
          await work.record("swapped", `kept as ${restore.plan.replaced}`);
          break;
        case "start":
          await finish(work);
          return resultOf(restore);
        case null:
          throw unknownState(prepared, there);
      }
    }
  } finally {
    delete process.env[workIdVariable];
    await work.server.close();
  }
}

/** Takes a restore back that has not swapped yet: the service gets its old database and its replicas. Throws CUT-6309 after the swap. */
export async function undoRestore(context: VerbContext, prepared: PreparedRestore): Promise<void> {
  const work = await openWork(context, prepared);
  try {
    await endLeftBehind(prepared.restore.id);
    const there = await databasesThere(work.server, prepared.restore.plan);
    const move = nextMove(there, prepared.restore.phase);
    if (move === null) throw unknownState(prepared, there);
    if (move !== "restoreAnew" && move !== "swap") throw tooLate(prepared);
    await undo(work, "undone by a person");
  } finally {
    await work.server.close();
  }
}

interface Work {
  context: VerbContext;
  /** For login files of PostgreSQL's tools. */
  folder: string;
  prepared: PreparedRestore;
  kubernetes: Kubernetes;
  server: Postgres;
  say: (progress: string) => void;
  record: (phase: RestorePhase, reason: string) => Promise<void>;
}

async function openWork(context: VerbContext, prepared: PreparedRestore): Promise<Work> {
  const { restore, stack, administrator } = prepared;
  const ledger = await context.ledger(stack);
  const folder = join(context.root, ".cutover", "work", stack, `restore-${restore.service}`);
  // A killed restore leaves its password file.
  await removeLogins(folder);
  return {
    context,
    folder,
    prepared,
    kubernetes: await context.kubernetes(stack),
    server: await openServer(administrator),
    say: (progress) => context.output.note(`${restore.service} restore: ${redactText(progress)}`),
    record: async (phase, reason) => {
      const { id, service, backupId, plan } = restore;
      await ledger.append({ kind: "restore", id, service, backupId, phase, plan, reason, by: operatorName() });
      restore.phase = phase;
    },
  };
}

/** Beside the old database; what an interrupted restore left there is dropped. */
async function restoreAnew({ context, folder, prepared, kubernetes, server, say, record }: Work): Promise<void> {
  const { service, administrator } = prepared;
  const { plan } = prepared.restore;
  await dropDatabase(server, plan.restored);
  // While the service still runs: a right that is missing after all shows here.
  await createLike(server, plan.restored, await readProperties(server, plan.database)).catch((cause: unknown) => {
    throw notMade(plan.restored, cause);
  });
  say(`stopping ${service.helmRelease}`);
  await stopService(kubernetes, service, context.signal);
  await record(
    "stopped",
    plan.workloads.map(({ kind, name, replicas }) => `${kind} ${name} had ${replicas}`).join(", "),
  );
  say(`restoring into ${plan.restored}`);
  const compared = await restoreDump({
    credentials: { ...administrator, database: plan.restored },
    folder: resolve(context.root, plan.folder),
    jobs: service.backup?.kind === "pgDump" ? service.backup.jobs : 2,
    workFolder: folder,
    signal: context.signal,
    say,
  });
  const skipped = compared.notCounted === 0 ? "" : `; ${compared.notCounted} tables could not be counted`;
  const reason = `${compared.rows} rows in ${compared.tables} tables are those of the backup${skipped}`;
  say(reason);
  await record("restored", reason);
}

/** Nothing of the service's own database was touched so far: the service gets back to work, then the error goes on. */
async function takeBack(work: Work, error: unknown): Promise<never> {
  const { restore, stack } = work.prepared;
  try {
    await undo(work, messageOf(error));
  } catch (second) {
    work.say(`it could not be taken back: ${messageOf(second)}`);
    work.say(`next: cutover restore ${stack} ${restore.backupId} --undo`);
  }
  throw error;
}

async function undo({ prepared, kubernetes, server, say, record }: Work, reason: string): Promise<void> {
  const { restore, service } = prepared;
  await dropDatabase(server, restore.plan.restored);
  await startService(kubernetes, service, restore.plan.workloads);
  await record("undone", redactText(reason));
  say(`taken back: ${restore.plan.database} is as it was, ${service.helmRelease} has its replicas again`);
}

async function finish({ prepared, kubernetes, server, say, record }: Work): Promise<void> {
  const { restore, service } = prepared;
  const { plan } = restore;
  if (restore.phase !== "swapped") await record("swapped", `kept as ${plan.replaced}`);
  // A session that was let in before the swap would go on writing where nobody looks.
  await endSessionsOnce(server, [plan.replaced]);
  if (!plan.leaveStopped) {
    say(`starting ${service.helmRelease}`);
    await startService(kubernetes, service, plan.workloads);
  }
  await record("ended", plan.leaveStopped ? "the service is left stopped" : "the service has its replicas again");
}

function resultOf({ plan, backupId }: RecordedRestore): RestoreResult {
  const lostInterval = { from: plan.backupTakenAt, to: plan.begunAt };
  return { replacedDatabase: plan.replaced, restoredFrom: backupId, lostInterval };
}

function notMade(name: string, cause: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-6304",
      verdict: "errored",
      happened: `the database ${name} could not be made like the old one`,
      evidence: [messageOf(cause)],
      untouched: "The service and its database.",
      next: "Grant the right that is named, or let an administrator do it (CUTOVER_DATABASE_ADMIN_USER).",
      exitCode: 15,
    },
    { cause },
  );
}

function tooLate({ restore, stack }: PreparedRestore): CutoverError {
  return new CutoverError({
    code: "CUT-6309",
    verdict: "failed",
    happened: "the databases are swapped already: this restore can only be finished",
    evidence: [`the old database is kept as ${restore.plan.replaced}`],
    untouched: "Nothing was changed.",
    next: `cutover restore ${stack} ${restore.backupId}`,
  });
}

function unknownState({ restore }: PreparedRestore, there: DatabasesThere): CutoverError {
  const { database, restored, replaced } = restore.plan;
  const names = { original: database, restored, replaced };
  return new CutoverError({
    code: "CUT-6310",
    verdict: "errored",
    happened: `the databases of this restore are in a state that cutover never makes (phase ${restore.phase})`,
    evidence: (["original", "restored", "replaced"] as const).map(
      (which) => `${names[which]} is ${there[which] ? "there" : "not there"}`,
    ),
    untouched: "No database was changed by this command; the service may be stopped.",
    next: `Look at them with psql, rename the right one to ${database} by hand, then run the same command again or scale the service up.`,
    exitCode: 20,
  });
}
