// STAND-IN for SQL Server: whether a database can be entered now.
import { sameName, type Database } from "./database.ts";
import { mayOpen } from "./permissions.ts";
import type { Session } from "./session.ts";
import { SqlError } from "./sql-error.ts";

/** @throws SqlError 911 when there is none, 916, 924, 927 or 942 when the session may not enter it. */
export function openDatabase(session: Session, name: string): Database {
  const database = session.server.store.find(name);
  if (database === undefined) {
    throw new SqlError(911, `Database '${name}' does not exist. Make sure that the name is entered correctly.`);
  }
  if (database.state === "RESTORING") {
    throw new SqlError(927, `Database '${database.name}' cannot be opened. It is in the middle of a restore.`, 14);
  }
  if (database.state !== "ONLINE") {
    throw new SqlError(942, `Database '${database.name}' cannot be opened because it is offline.`, 14);
  }
  if (!mayOpen(session, database)) {
    throw new SqlError(
      916,
      `The server principal "${session.login.user}" is not able to access the database "${database.name}" under the current security context.`,
      14,
    );
  }
  const holder = database.userAccess === "SINGLE_USER" ? others(session, database)[0] : undefined;
  if (holder !== undefined) {
    throw new SqlError(924, `Database '${database.name}' is already open and can only have one user at a time.`, 14);
  }
  return database;
}

/** Other sessions whose current database it is. */
export function others(session: Session, database: Database): Session[] {
  return [...session.server.sessions.values()].filter(
    (each) => each !== session && sameName(each.database.name, database.name),
  );
}
