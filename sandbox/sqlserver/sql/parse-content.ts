// STAND-IN for SQL Server: INSERT, UPDATE, DELETE.
import type { Cursor } from "./cursor.ts";
import type { Parsed } from "./parse-batch.ts";
import { parseExpression } from "./parse-expression.ts";
import { parseSelect } from "./parse-select.ts";
import type { Expression } from "./syntax.ts";

export function parseInsert(cursor: Cursor): Parsed {
  cursor.expect("INSERT");
  cursor.accept("INTO");
  const into = cursor.names();
  let columns: string[] = [];
  if (cursor.acceptSymbol("(")) {
    columns = cursor.list(() => cursor.name());
    cursor.expectSymbol(")");
  }
  if (cursor.isAt("SELECT")) return { kind: "insert", into, columns, rows: parseSelect(cursor) };
  cursor.expect("VALUES");
  return { kind: "insert", into, columns, rows: cursor.list(() => parseRow(cursor)) };
}

function parseRow(cursor: Cursor): Expression[] {
  cursor.expectSymbol("(");
  const row = cursor.list(() => parseExpression(cursor));
  cursor.expectSymbol(")");
  return row;
}

export function parseUpdate(cursor: Cursor): Parsed {
  cursor.expect("UPDATE");
  const table = cursor.names();
  cursor.expect("SET");
  const set = cursor.list(() => {
    const column = cursor.name();
    cursor.expectSymbol("=");
    return { column, value: parseExpression(cursor) };
  });
  return { kind: "update", table, set, where: parseWhere(cursor) };
}

export function parseDelete(cursor: Cursor): Parsed {
  cursor.expect("DELETE");
  cursor.accept("FROM");
  return { kind: "delete", table: cursor.names(), where: parseWhere(cursor) };
}

function parseWhere(cursor: Cursor): Expression | null {
  return cursor.accept("WHERE") ? parseExpression(cursor) : null;
}
