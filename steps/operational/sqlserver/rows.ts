import { createHash } from "node:crypto";
import type { SqlServer } from "../../../clients/sqlserver/contracts.ts";
import { databaseRights, rowCounts, send } from "../../../clients/sqlserver/statements.ts";
import type { SqlServerView } from "./view.ts";

/** Rows by `schema.table`. */
export type Rows = Record<string, number>;

/** Rows of all tables of a database; null when the login may not see its tables: the list would be short. */
export async function readRows(view: SqlServerView, database: string): Promise<Rows | null> {
  const { context, server, master, kind } = view;
  if (kind !== "azureSqlDatabase") {
    const [rights] = await send(master, databaseRights(database));
    if (rights?.may_select !== 1) return null;
  }
  return readAllRows(await context.sqlServer(server, database));
}

/** Rows of all tables of the database that a connection is on; ends the connection, which would keep others from the database. */
export async function readAllRows(connection: SqlServer): Promise<Rows> {
  try {
    const found = await send(connection, rowCounts);
    return Object.fromEntries(found.map(({ schema, table, rows }) => [`${schema}.${table}`, Number(rows)]));
  } finally {
    await connection.close();
  }
}

/** Short text that differs where rows differ; it stands in the backup set, so that a later attempt knows whether they still are the same. */
export function rowsMark(rows: Rows | null): string {
  if (rows === null) return "cutover rows unknown";
  const sorted = Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1));
  return `cutover rows ${createHash("sha256").update(JSON.stringify(sorted)).digest("hex")}`;
}
