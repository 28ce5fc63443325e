import type { SqlServerError } from "../../../clients/sqlserver/sql-error.ts";
import type { BackupDevice } from "../../../clients/sqlserver/statements.ts";
import { CutoverError } from "../../../model/error.ts";
import type { SqlServerView } from "./view.ts";

const untouched = "The database was not changed; finished backups stay where they are.";

/** BACKUP was refused or broke off. */
export function backupFailed(
  view: SqlServerView,
  database: string,
  device: BackupDevice,
  error: SqlServerError,
): CutoverError {
  return new CutoverError(
    {
      code: "CUT-5412",
      verdict: "failed",
      happened: `the backup of ${database} on ${view.master.server} failed`,
      evidence: [...(error.details.evidence ?? []), `device: ${device.path}`],
      untouched,
      next: `${hint(error)} Then run the same command again.`,
      exitCode: 16,
    },
    { cause: error },
  );
}

/** Another run's backup, or somebody's, lies where this one has to go. */
export function placeTaken(
  view: SqlServerView,
  database: string,
  device: BackupDevice,
  problems: readonly string[],
): CutoverError {
  return new CutoverError({
    code: "CUT-5413",
    verdict: "failed",
    happened: `the backup of ${database} cannot go to ${device.path} on ${view.master.server}: another backup is there`,
    evidence: problems,
    untouched: `${untouched} The backup that is there was not written to.`,
    next: "Move that file away, or set another backupFolder under cutover:operationalDatabases, then run the same command again.",
    exitCode: 16,
  });
}

/** The backup was written, but reading it back failed, or it is not the one that was asked for. */
export function notGood(
  view: SqlServerView,
  database: string,
  device: BackupDevice,
  evidence: readonly string[],
  cause?: unknown,
): CutoverError {
  return new CutoverError(
    {
      code: "CUT-5414",
      verdict: "failed",
      happened: `the backup of ${database} on ${view.master.server} was written but is not good`,
      evidence: [...evidence, `device: ${device.path}`],
      untouched,
      next: `Look for the cause: the disk, the network to it, memory. Remove ${device.path} on the server, then run the same command again.`,
      exitCode: 16,
    },
    { cause },
  );
}

/** No place could be found, or the backup was lost again and again. */
export function gaveUp(view: SqlServerView, database: string, evidence: readonly string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5417",
    verdict: "errored",
    happened: `no backup of ${database} on ${view.master.server} came to its end`,
    evidence,
    untouched,
    next: "Look at the server's log and at the backup folder, then run the same command again.",
    exitCode: 16,
  });
}

/** A piece of a backup lies there, and the login is not shown whether the server still writes it. */
export function cannotTell(view: SqlServerView, database: string, device: BackupDevice, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-5419",
    verdict: "errored",
    happened: `whether a backup of ${database} still runs on ${view.master.server} cannot be told, and a second one is not begun beside it`,
    evidence: [`${device.path}: ${problem}`, "the login has no VIEW SERVER STATE"],
    untouched,
    next: `GRANT VIEW SERVER STATE TO the login; or, when surely no backup runs, remove ${device.path} on the server. Then run the same command again.`,
    exitCode: 16,
  });
}

function hint(error: SqlServerError): string {
  const texts = error.messages.map(({ text }) => text).join(" ");
  if (/error 112\(|not enough space|disk is full|error 39\(/i.test(texts))
    return "Free space on the disk of the backup folder.";
  if (error.has(3201)) {
    return "The folder is on the SQL Server's machine and is written to by its service account: check that it is there and that this account may write to it; for a URL, its credential.";
  }
  if (error.has(3043, 824, 823, 825))
    return "Pages of the database itself are damaged: DBCC CHECKDB, before anything is upgraded.";
  if (error.has(262, 229)) return "Grant the login BACKUP DATABASE (role db_backupoperator).";
  if (error.has(41922))
    return "A database with service-managed TDE cannot be backed up with COPY_ONLY: use a key of your own or switch TDE off.";
  if (error.has(3292, 3225, 3298))
    return "Create the credential of the URL on the server, with a shared access signature that is still valid.";
  return "Remove the cause that the server names.";
}
