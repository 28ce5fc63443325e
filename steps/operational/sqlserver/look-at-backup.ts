import { setTimeout as sleep } from "node:timers/promises";
import { SqlServerError } from "../../../clients/sqlserver/sql-error.ts";
import {
  backupHeader,
  backupSetNamed,
  requestsOf,
  send,
  type BackupDevice,
  type BackupHeaderRow,
} from "../../../clients/sqlserver/statements.ts";
import type { BackupHeader } from "../../../model/operational/backup-judgement.ts";
import { isUrl } from "../../../model/operational/backup-device.ts";
import { untilReachable } from "./patience.ts";
import type { SqlServerView } from "./view.ts";

/** There is something to be judged. */
export interface WrittenBackup {
  state: "written";
  device: BackupDevice;
  headers: BackupHeaderRow[];
}

/** What became of a backup that may have been begun earlier. */
export type BackupState =
  /** A BACKUP of this name is being written. */
  | { state: "running" }
  | WrittenBackup
  /** Something lies there which is no backup, such as a piece of one. */
  | { state: "rubbish"; problem: string }
  | { state: "absent" };

/**
 * Looks where a backup of this name would be: among the running statements, in the server's history, and on the device. It
 * changes nothing. Without VIEW SERVER STATE the device alone tells whether somebody writes to it.
 */
export async function lookAtBackup(
  view: SqlServerView,
  wanted: { name: string; database: string; device: BackupDevice },
): Promise<BackupState> {
  if (view.seesRequests && (await isRunning(view, wanted.name))) return { state: "running" };
  const elsewhere = await deviceInHistory(view, wanted.name, wanted.database);
  if (elsewhere !== null && elsewhere.path !== wanted.device.path) {
    const state = await lookAtDevice(view, elsewhere);
    if (state.state === "written") return state;
  }
  return lookAtDevice(view, wanted.device);
}

/**
 * True when what lies there may still be written to: a login without VIEW SERVER STATE is not shown who is at it.
 * Waits up to a minute for it to become a backup.
 */
export async function mayStillBeWritten(
  view: SqlServerView,
  wanted: { name: string; database: string; device: BackupDevice },
): Promise<boolean> {
  if (view.seesRequests) return false;
  const { signal } = view.context;
  const since = Date.now();
  for (let pause = 250; Date.now() - since < 60_000; pause = Math.min(pause * 2, 5_000)) {
    signal.throwIfAborted();
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    if ((await untilReachable(view, () => lookAtBackup(view, wanted))).state !== "rubbish") return false;
  }
  return true;
}

/** Reads the headers of all sets on a device. Long: tapes and slow shares. */
export async function lookAtDevice(view: SqlServerView, device: BackupDevice): Promise<BackupState> {
  try {
    const headers = await send(view.master, backupHeader(device), { timeoutMilliseconds: 10 * 60_000 });
    const [only, ...others] = headers;
    // So the server calls a set whose BACKUP broke off before its end.
    if (others.length === 0 && only?.BackupName?.startsWith("*** INCOMPLETE") === true) {
      return { state: "rubbish", problem: "the server calls it incomplete" };
    }
    return { state: "written", device, headers };
  } catch (error) {
    if (!(error instanceof SqlServerError) || error.failure !== "refused") throw error;
    const cannotOpen = error.messages.find(({ number }) => number === 3201);
    // Operating system error 32: another process, which is the server itself, has it open.
    if (cannotOpen !== undefined && /error 32\(/i.test(cannotOpen.text)) return { state: "running" };
    // Whatever else keeps it from being opened keeps BACKUP from it too, and BACKUP then says why.
    if (cannotOpen !== undefined) return { state: "absent" };
    // 262: no right to look. 3241, 3242, 3203, ...: not a backup.
    if (error.has(262, 297, 300)) throw error;
    return { state: "rubbish", problem: error.details.evidence?.[0] ?? error.message };
  }
}

export function headerOf(row: BackupHeaderRow): BackupHeader {
  return {
    name: row.BackupName,
    database: row.DatabaseName,
    type: row.BackupType,
    finishedLocal: row.BackupFinishDate.getTime(),
    hasChecksums: row.HasBackupChecksums,
    isDamaged: row.IsDamaged,
    isCopyOnly: row.IsCopyOnly,
  };
}

async function isRunning(view: SqlServerView, name: string): Promise<boolean> {
  const requests = await send(view.master, requestsOf(name));
  return requests.some(({ command }) => /^BACKUP/i.test(command));
}

/** Where the history says that the backup is; null: it says nothing, or the login may not read it. */
async function deviceInHistory(view: SqlServerView, name: string, database: string): Promise<BackupDevice | null> {
  try {
    const sets = await send(view.master, backupSetNamed(name, database));
    const good = sets.find(
      (set) =>
        set.type === "D" && !set.is_damaged && set.backup_finish_date !== null && !tooOld(view, set.backup_finish_date),
    );
    const path = good?.physical_device_name;
    return path === undefined || path === null ? null : deviceAt(path);
  } catch (error) {
    if (error instanceof SqlServerError && error.has(229, 916)) return null;
    throw error;
  }
}

/** True for a backup that is older than the settings allow; `finished` in the server's local time, as it writes it. */
export function tooOld({ facts, settings }: SqlServerView, finished: Date): boolean {
  const age = facts.now.getTime() + facts.offset_minutes * 60_000 - finished.getTime();
  return age > settings.maxAgeHours * 3_600_000;
}

export function deviceAt(path: string): BackupDevice {
  return { kind: isUrl(path) ? "url" : "disk", path };
}
