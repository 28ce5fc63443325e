// STAND-IN for SQL Server: what RESTORE checks before it writes: version, the database that exists, and where files go.
import { existsSync } from "node:fs";
import path from "node:path";
import { sameName, type Database, type DatabaseFile } from "../engine/database.ts";
import type { Server, Session } from "../engine/session.ts";
import { SqlError } from "../engine/sql-error.ts";
import type { ReadSet, SetHeader } from "./format.ts";

/** @throws SqlError 3169 for a backup of a newer server. */
export function requireCompatible(backup: number, server: number): void {
  if (backup <= server) return;
  throw new SqlError(
    3169,
    `The database was backed up on a server running version ${backup}.00.4096. That version is incompatible with this server, which is running version ${server}.00.4096. Either restore the database on a server that supports the backup, or use a backup that is compatible with this server.`,
  );
}

/**
 * The guards that stay without REPLACE: another family (3154), a log tail that nobody saved (3159). They let a SIMPLE
 * database of the same family pass: the source of the backup itself, or an older clone (facts/domain.md C3). Sessions in
 * it: 3101; a real server forces them off after a short delay.
 */
export function requireRestorable(existing: Database, set: ReadSet, session: Session): void {
  if (existing.familyGuid !== set.header.familyGuid) {
    throw new SqlError(
      3154,
      `The backup set holds a backup of a database other than the existing '${existing.name}' database.`,
    );
  }
  if (existing.recoveryModel !== "SIMPLE" && existing.state === "ONLINE") {
    throw new SqlError(
      3159,
      `The tail of the log for the database "${existing.name}" has not been backed up. Use BACKUP LOG WITH NORECOVERY to backup the log if it contains work you do not want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE statement to just overwrite the contents of the log.`,
    );
  }
  const used = [...session.server.sessions.values()].some((each) => sameName(each.database.name, existing.name));
  if (used) throw new SqlError(3101, "Exclusive access could not be obtained because the database is in use.");
}

/** Where every file of the backup goes: as MOVE says, else where it was. @throws SqlError 3234, or 3119 with its causes. */
export function plannedFiles(
  header: SetHeader,
  moves: readonly { logical: string; to: string }[],
  existing: Database | undefined,
  server: Server,
): DatabaseFile[] {
  for (const { logical } of moves) {
    if (header.files.some((file) => sameName(file.logicalName, logical))) continue;
    throw new SqlError(
      3234,
      `Logical file '${logical}' is not part of database '${header.databaseName}'. Use RESTORE FILELISTONLY to list the logical file names.`,
    );
  }
  const files = header.files.map((file) => ({
    ...file,
    physicalName: moves.find(({ logical }) => sameName(logical, file.logicalName))?.to ?? file.physicalName,
  }));
  const problems = files.flatMap((file) => fileProblems(file, existing, server));
  if (problems.length > 0) {
    const text =
      "Problems were identified while planning for the RESTORE statement. Previous messages provide details.";
    throw new SqlError(3119, text, 16, { causes: problems });
  }
  return files;
}

function fileProblems(file: DatabaseFile, existing: Database | undefined, server: Server): SqlError[] {
  const { physicalName, logicalName } = file;
  const moved = new SqlError(
    3156,
    `File '${logicalName}' cannot be restored to '${physicalName}'. Use WITH MOVE to identify a valid location for the file.`,
  );
  const user = server.store
    .all()
    .find((each) => each !== existing && each.files.some((one) => one.physicalName === physicalName));
  if (user !== undefined) {
    const text = `The file '${physicalName}' cannot be overwritten.  It is being used by database '${user.name}'.`;
    return [new SqlError(1834, text), moved];
  }
  if (!existsSync(path.dirname(physicalName))) {
    const text = `Directory lookup for the file "${physicalName}" failed with the operating system error 2(The system cannot find the file specified.).`;
    return [new SqlError(5133, text), moved];
  }
  const own = existing?.files.some((one) => one.physicalName === physicalName) === true;
  if (!own && existsSync(physicalName)) {
    const text = `The operating system returned the error '80(The file exists.)' while attempting 'RestoreContainer::ValidateTargetForCreation' on '${physicalName}'.`;
    return [new SqlError(3634, text), moved];
  }
  return [];
}
