// STAND-IN for SQL Server: CREATE, ALTER and DROP DATABASE, and USE.
import path from "node:path";
import type { Statement } from "../sql/syntax.ts";
import { newDatabase, sameName, type Database, type DatabaseFile } from "./database.ts";
import { openDatabase, others } from "./open-database.ts";
import { hasDatabasePermission, hasServerPermission, mayCreateDatabases } from "./permissions.ts";
import type { Server, Session } from "./session.ts";
import { SqlError } from "./sql-error.ts";
import { copyDatabase } from "./azure-copy.ts";

type Of<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }>;
const goesOn = { endsBatch: false };

export function runCreateDatabase(statement: Of<"createDatabase">, session: Session): void {
  requireNoTransaction(session, "CREATE DATABASE");
  const { store } = session.server;
  if (!mayCreateDatabases(session)) {
    throw new SqlError(262, "CREATE DATABASE permission denied in database 'master'.", 14, goesOn);
  }
  if (store.find(statement.name) !== undefined) throw alreadyExists(statement.name);
  if (statement.copyOf !== null) {
    copyDatabase(statement.name, statement.copyOf, session);
    return;
  }
  const database = newDatabase(store.takeId(), statement.name, session.login.user);
  database.files = defaultFiles(statement.name, session.server);
  store.add(database);
}

export function alreadyExists(name: string): SqlError {
  return new SqlError(1801, `Database '${name}' already exists. Choose a different database name.`, 16, {
    ...goesOn,
    state: 3,
  });
}

/** `x.mdf` and `x_log.ldf` in the default folders. */
export function defaultFiles(name: string, server: Server): DatabaseFile[] {
  const plain = name.replaceAll("/", "_");
  return [
    { fileId: 1, logicalName: name, type: "D", physicalName: path.join(server.folders.data, `${plain}.mdf`) },
    {
      fileId: 2,
      logicalName: `${name}_log`,
      type: "L",
      physicalName: path.join(server.folders.log, `${plain}_log.ldf`),
    },
  ];
}

export function runRenameDatabase(statement: Of<"renameDatabase">, session: Session): void {
  const database = alterable(statement.name, session);
  const { store } = session.server;
  const holder = store.find(statement.to);
  if (holder !== undefined && holder !== database) throw alreadyExists(statement.to);
  if (others(session, database).length > 0) {
    throw new SqlError(5030, "The database could not be exclusively locked to perform the operation.", 16, goesOn);
  }
  database.name = statement.to;
  store.saveCatalog();
  session.answers.information(5021, `The database name '${statement.to}' has been set.`);
}

export function runSetDatabase(statement: Of<"setDatabase">, session: Session): void {
  const database = alterable(statement.name, session);
  switch (statement.option) {
    case "SINGLE_USER":
      becomeSingleUser(database, statement.rollback, session);
      break;
    case "MULTI_USER":
    case "RESTRICTED_USER":
      if (database.userAccess === "SINGLE_USER" && others(session, database).length > 0) throw busy(database);
      database.userAccess = statement.option;
      break;
    case "READ_ONLY":
    case "READ_WRITE":
      database.readOnly = statement.option === "READ_ONLY";
      break;
    case "RECOVERY":
      database.recoveryModel = recoveryModel(statement.value);
      break;
    default:
      throw new SqlError(50000, `STAND-IN for SQL Server: ALTER DATABASE SET ${statement.option} is not known here.`);
  }
  session.server.store.saveCatalog();
}

function recoveryModel(value: string | null): Database["recoveryModel"] {
  if (value === "FULL" || value === "SIMPLE" || value === "BULK_LOGGED") return value;
  throw new SqlError(102, `Incorrect syntax near '${value ?? "RECOVERY"}'.`, 15);
}

function becomeSingleUser(database: Database, endsOthers: boolean, session: Session): void {
  const inside = others(session, database);
  // Without ROLLBACK IMMEDIATE a real server waits for them; with NO_WAIT, which is what the stand-in plays, it refuses.
  if (inside.length > 0 && !endsOthers) throw busy(database);
  for (const each of inside) each.cut();
  for (const each of inside) session.server.sessions.delete(each.id);
  database.userAccess = "SINGLE_USER";
}

function busy(database: Database): SqlError {
  const text = `ALTER DATABASE failed because a lock could not be placed on database '${database.name}'. Try again later.`;
  return new SqlError(5069, "ALTER DATABASE statement failed.", 16, { ...goesOn, causes: [new SqlError(5061, text)] });
}

/** @throws SqlError 5011 when it may not be altered or does not exist. */
function alterable(name: string, session: Session): Database {
  requireNoTransaction(session, "ALTER DATABASE");
  const database = session.server.store.find(name);
  const may =
    database !== undefined &&
    (hasServerPermission(session, "ALTER ANY DATABASE") || hasDatabasePermission(session, "ALTER", database));
  if (may && !database.system) return database;
  const text = `User does not have permission to alter database '${name}', the database does not exist, or the database is not in a state that allows access checks.`;
  throw new SqlError(5069, "ALTER DATABASE statement failed.", 16, {
    ...goesOn,
    causes: [new SqlError(5011, text, 14, { state: 5 })],
  });
}

export function runDropDatabase(statement: Of<"dropDatabase">, session: Session): void {
  requireNoTransaction(session, "DROP DATABASE");
  for (const name of statement.names) {
    const database = session.server.store.find(name);
    if (database === undefined && statement.ifExists) continue;
    const may =
      database !== undefined &&
      (hasServerPermission(session, "ALTER ANY DATABASE") || hasDatabasePermission(session, "CONTROL", database));
    if (!may || database.system) {
      const text = `Cannot drop the database '${name}', because it does not exist or you do not have permission.`;
      throw new SqlError(3701, text, 11, goesOn);
    }
    const used = [...session.server.sessions.values()].some((each) => sameName(each.database.name, database.name));
    if (used) {
      throw new SqlError(3702, `Cannot drop database "${database.name}" because it is currently in use.`, 16, goesOn);
    }
    session.server.store.remove(database);
  }
}

export function runUse(name: string, session: Session): void {
  if (session.server.variant() === "azure" && !sameName(name, session.database.name)) {
    const text =
      "USE statement is not supported to switch between databases. Use a new connection to connect to a different database.";
    throw new SqlError(40508, text);
  }
  const before = session.database.name;
  session.database = openDatabase(session, name);
  session.answers.databaseChanged(session.database.name, before);
}

/** @throws SqlError 226 inside a transaction. */
export function requireNoTransaction(session: Session, what: string): void {
  if (session.transaction === null) return;
  throw new SqlError(226, `${what} statement not allowed within multi-statement transaction.`);
}
