// STAND-IN for SQL Server: a catalog view: columns, and rows made when it is read.
import type { Column, SqlType, SqlValue } from "../sql/types.ts";
import type { Database } from "./database.ts";
import type { Session } from "./session.ts";

export interface View {
  columns: Column[];
  rows(session: Session, database: Database): SqlValue[][];
}

/** A view whose rows are made one by one from things of the server. */
export function view<Item>(
  items: (session: Session, database: Database) => readonly Item[],
  columns: Record<string, [type: SqlType, value: (item: Item, session: Session) => SqlValue]>,
): View {
  const entries = Object.entries(columns);
  return {
    columns: entries.map(([name, [type]]) => ({ name, type, nullable: true })),
    rows: (session, database) =>
      items(session, database).map((item) => entries.map(([, [, value]]) => value(item, session))),
  };
}
