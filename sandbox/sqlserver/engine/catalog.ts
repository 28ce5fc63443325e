// STAND-IN for SQL Server: finds the table or view that a name means.
import type { Column, SqlValue } from "../sql/types.ts";
import { findTable, sameName, type Database, type Table } from "./database.ts";
import { openDatabase } from "./open-database.ts";
import { requireOnTable } from "./permissions.ts";
import type { Session } from "./session.ts";
import { SqlError } from "./sql-error.ts";
import { databaseViews } from "./views-databases.ts";
import { managedViews, msdbViews } from "./views-histories.ts";
import { objectViews } from "./views-objects.ts";
import { sessionViews } from "./views-sessions.ts";
import type { View } from "./view.ts";

const systemViews: Record<string, View> = { ...databaseViews, ...sessionViews, ...objectViews, ...managedViews };

export interface FullName {
  database: Database;
  schema: string;
  name: string;
}

/** Database, schema and name; `dbo` and the current database where they are left out. @throws SqlError 208. */
export function fullName(parts: readonly string[], session: Session): FullName {
  const [name = "", schema = "", databaseName = ""] = [...parts].reverse();
  const server = session.server;
  if (databaseName !== "" && server.store.find(databaseName) === undefined) throw invalidObject(parts);
  const database = databaseName === "" ? session.database : openDatabase(session, databaseName);
  if (server.variant() === "azure" && database !== session.database && databaseName !== "") {
    throw new SqlError(
      40515,
      `Reference to database and/or server name in '${parts.join(".")}' is not supported in this version of SQL Server.`,
    );
  }
  return { database, schema: schema === "" ? "dbo" : schema, name };
}

export function resolveTable(
  parts: readonly string[],
  session: Session,
): { columns: readonly Column[]; rows: () => readonly (readonly SqlValue[])[] } {
  const { database, schema, name } = fullName(parts, session);
  const key = `${schema}.${name}`.toLowerCase();
  const view = Object.hasOwn(systemViews, key) ? systemViews[key] : undefined;
  if (view !== undefined) return { columns: view.columns, rows: () => view.rows(session, database) };
  const history = sameName(database.name, "msdb") && Object.hasOwn(msdbViews, key) ? msdbViews[key] : undefined;
  if (history !== undefined) {
    requireOnTable(session, "SELECT", database, schema, name);
    return { columns: history.columns, rows: () => history.rows(session, database) };
  }
  const table = tableOf(parts, session).table;
  requireOnTable(session, "SELECT", database, table.schema, table.name);
  return { columns: table.columns, rows: () => table.rows };
}

/** A user's table. @throws SqlError 208 when there is none. */
export function tableOf(parts: readonly string[], session: Session): { database: Database; table: Table } {
  const { database, schema, name } = fullName(parts, session);
  const table = findTable(database.content, schema, name);
  if (table === undefined) throw invalidObject(parts);
  return { database, table };
}

function invalidObject(parts: readonly string[]): SqlError {
  return new SqlError(208, `Invalid object name '${parts.join(".")}'.`);
}
