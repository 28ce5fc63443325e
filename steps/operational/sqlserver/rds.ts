import { setTimeout as sleep } from "node:timers/promises";
import { isConnectionLost, SqlServerError } from "../../../clients/sqlserver/sql-error.ts";
import { rdsBackUp, rdsTasks, send, type RdsTaskRow } from "../../../clients/sqlserver/statements.ts";
import { CutoverError } from "../../../model/error.ts";
import { backupPath, backupSetName } from "../../../model/operational/backup-name.ts";
import type { DatabaseBackup } from "../../../model/platform-backup.ts";
import { gaveUp } from "./backup-errors.ts";
import type { BackUpOne } from "./back-up.ts";
import { tooOld } from "./look-at-backup.ts";
import { untilReachable } from "./patience.ts";
import { Percent } from "./percent.ts";
import { readRows, rowsMark } from "./rows.ts";
import type { SqlServerView } from "./view.ts";

const mostPlaces = 5;
const [firstPause, longestPause] = [500, 15_000];
const running = new Set(["CREATED", "IN_PROGRESS", "CANCEL_REQUESTED"]);

/**
 * Amazon RDS writes to S3 by a task of its own (facts/domain.md C4), which needs no connection. Tasks are found again by the
 * object's name. RDS has no VERIFYONLY: what proves a backup there is the task's SUCCESS.
 */
export const backUpOnRds: BackUpOne = async (view, { database, run, note }) => {
  const { context, settings } = view;
  const { stack } = context.request;
  const before = await untilReachable(view, () => readRows(view, database));
  const begun = new Set<string>();
  for (let number = 1; number <= mostPlaces;) {
    context.signal.throwIfAborted();
    const arn = backupPath(settings.backupFolder, { stack, run, database, number });
    if (arn === null) throw gaveUp(view, database, ["the name of the object would be too long"]);
    const task = await newestTask(view, database, arn);
    if (task === undefined) {
      begun.add(arn);
      await begin(view, database, arn);
    } else if (running.has(task.lifecycle)) {
      await follow(view, database, arn);
    } else if (task.lifecycle === "SUCCESS" && !begun.has(arn) && tooOld(view, task.last_updated)) {
      note(`${database}: ${arn} is older than ${settings.maxAgeHours} h, a new backup is taken beside it`);
      number += 1;
    } else if (task.lifecycle === "SUCCESS") {
      if (!begun.has(arn)) note(`${database}: the backup of an earlier attempt is kept, ${arn}`);
      note("Amazon RDS cannot read a backup back: what proves these is the success of their tasks");
      const after = await untilReachable(view, () => readRows(view, database));
      const unchanged = begun.has(arn) && after !== null && rowsMark(before) === rowsMark(after);
      if (!unchanged) note(`${database}: rows are not recorded, whether they changed meanwhile is not known`);
      return { ...backupOf(view, database, run, task, arn), ...(unchanged ? { rows: after } : {}) };
    } else if (begun.has(arn)) {
      throw taskFailed(view, database, task);
    } else {
      note(`${database}: an earlier task for ${arn} ended with ${task.lifecycle}; another name is used`);
      number += 1;
    }
  }
  throw gaveUp(view, database, [`${mostPlaces} names were tried`]);
};

async function newestTask(view: SqlServerView, database: string, arn: string): Promise<RdsTaskRow | undefined> {
  const tasks = await untilReachable(view, () => send(view.master, rdsTasks(database)));
  return tasks
    .filter((task) => task.task_type === "BACKUP_DB" && task.S3_object_arn === arn)
    .sort((a, b) => a.task_id - b.task_id)
    .at(-1);
}

async function begin(view: SqlServerView, database: string, arn: string): Promise<void> {
  view.context.progress(`backing up ${database} to ${arn}`);
  try {
    await send(view.master, rdsBackUp(database, arn), { signal: view.context.signal });
  } catch (error) {
    // The caller looks for the task before it begins another.
    if (isConnectionLost(error)) return;
    if (!(error instanceof SqlServerError)) throw error;
    throw failed(view, database, error.details.evidence ?? [], error);
  }
}

async function follow(view: SqlServerView, database: string, arn: string): Promise<void> {
  const { signal } = view.context;
  const percent = new Percent(view, database);
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    signal.throwIfAborted();
    const task = await newestTask(view, database, arn);
    if (task === undefined || !running.has(task.lifecycle)) return;
    percent.say(task["% complete"] ?? 0);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

function backupOf(view: SqlServerView, database: string, run: string, task: RdsTaskRow, arn: string): DatabaseBackup {
  const utc = (local: Date): string => new Date(local.getTime() - view.facts.offset_minutes * 60_000).toISOString();
  return {
    database,
    provider: "sqlserver",
    server: view.master.server,
    path: arn,
    name: backupSetName(view.context.request.stack, run, database),
    bytes: null,
    startedAt: utc(task.created_at),
    finishedAt: utc(task.last_updated),
    proof: `Amazon RDS task ${task.task_id}: SUCCESS`,
  };
}

function taskFailed(view: SqlServerView, database: string, task: RdsTaskRow): CutoverError {
  return failed(view, database, [`task ${task.task_id}: ${task.lifecycle}`, task.task_info ?? "it gives no reason"]);
}

function failed(view: SqlServerView, database: string, evidence: readonly string[], cause?: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-5430",
      verdict: "failed",
      happened: `the backup of ${database} on Amazon RDS ${view.master.server} failed`,
      evidence,
      untouched: "The database was not changed; finished backups stay where they are.",
      next: "Check the option SQLSERVER_BACKUP_RESTORE with its IAM role, the bucket (same region), and that no daily backup window overlaps. Then run the same command again.",
      exitCode: 16,
    },
    { cause },
  );
}
