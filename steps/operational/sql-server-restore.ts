import type { SqlServer } from "../../clients/sqlserver/contracts.ts";
import * as statements from "../../clients/sqlserver/statements.ts";
import { fileMoves, type FileMove } from "../../model/operational/file-moves.ts";
import type { DatabaseBackup } from "../../model/platform-backup.ts";
import { missingFolder, olderSqlServer, restoreError, wrongBackup } from "./sql-server-errors.ts";

const { send } = statements;

/** Where new files go; null: the server's default folders. */
export interface FilePlaces {
  dataFolder: string | null;
  logFolder: string | null;
}

/** A backup's path is a file as the server sees it, or a URL. */
export function deviceOf({ path }: DatabaseBackup): statements.BackupDevice {
  return { kind: /^(https?|s3):\/\//i.test(path) ? "url" : "disk", path };
}

/**
 * Reads all of a backup on the server that shall restore it, and proves that it is the one which was taken: one set of that database
 * with that identity, not damaged, of no newer version.
 */
export async function verifySqlBackup(master: SqlServer, backup: DatabaseBackup, signal: AbortSignal): Promise<void> {
  const device = deviceOf(backup);
  const longWork = { timeoutMilliseconds: 0, signal };
  try {
    const sets = await send(master, statements.backupHeader(device), longWork);
    const set = sets.find((one) => one.BackupSetGUID.toLowerCase() === backup.proof.toLowerCase());
    if (set === undefined || sets.length !== 1) {
      throw wrongBackup(
        backup,
        `it holds ${sets.length} backup sets, ${set === undefined ? "none of them" : "one"} the one that was taken`,
      );
    }
    if (set.IsDamaged) throw wrongBackup(backup, "its header says that it is damaged");
    if (set.DatabaseName.toLowerCase() !== backup.database.toLowerCase()) {
      throw wrongBackup(backup, `it is a backup of ${set.DatabaseName}`);
    }
    const [facts] = await send(master, statements.serverFacts);
    if (facts !== undefined && set.SoftwareVersionMajor > facts.major) {
      throw olderSqlServer(backup, set.SoftwareVersionMajor, facts.major);
    }
    await send(master, statements.verifyBackup(device), longWork);
  } catch (error) {
    signal.throwIfAborted();
    throw restoreError("verify", backup, null, error);
  }
}

/** A MOVE for every file of the backup, into the target's own folders. */
export async function placeFiles(
  master: SqlServer,
  backup: DatabaseBackup,
  target: string,
  places: FilePlaces,
): Promise<{ logicalName: string; path: string }[]> {
  try {
    const files = await send(master, statements.backupFiles(deviceOf(backup)), { timeoutMilliseconds: 0 });
    const [facts] = await send(master, statements.serverFacts);
    const dataFolder = places.dataFolder ?? facts?.data_path ?? null;
    const logFolder = places.logFolder ?? places.dataFolder ?? facts?.log_path ?? dataFolder;
    if (dataFolder === null || logFolder === null) throw missingFolder();
    const moves = await freePlaces(master, (taken) =>
      fileMoves(files, { database: target, dataFolder, logFolder }, taken),
    );
    return moves.map(({ logical, physical }) => ({ logicalName: logical, path: physical }));
  } catch (error) {
    throw restoreError("files", backup, target, error);
  }
}

/** Places that no database has: a clone that a rollback put aside under another name keeps its files where they are. */
async function freePlaces(master: SqlServer, propose: (taken: ReadonlySet<string>) => FileMove[]): Promise<FileMove[]> {
  const taken = new Set<string>();
  for (;;) {
    const moves = propose(taken);
    const before = taken.size;
    for (const { physical } of moves) {
      const owners = await send(master, statements.fileOwner(physical));
      if (owners.length > 0) taken.add(physical.toLowerCase());
    }
    if (taken.size === before) return moves;
  }
}
