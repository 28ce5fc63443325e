// STAND-IN for SQL Server: CREATE, ALTER and DROP of databases and tables.
import { notKnown } from "../engine/sql-error.ts";
import type { Cursor } from "./cursor.ts";
import type { Parsed } from "./parse-batch.ts";
import { parseExpression } from "./parse-expression.ts";
import { parseType } from "./parse-primary.ts";
import type { ColumnDefinition } from "./syntax.ts";

export function parseCreate(cursor: Cursor): Parsed {
  const start = cursor.peek().start;
  cursor.expect("CREATE");
  if (cursor.accept("DATABASE")) {
    const name = cursor.name();
    return { kind: "createDatabase", name, copyOf: cursor.accept("AS", "COPY", "OF") ? cursor.names() : null };
  }
  if (cursor.accept("SCHEMA")) return { kind: "createSchema", name: cursor.name() };
  if (!cursor.accept("TABLE")) throw notKnown(cursor.sql.slice(start));
  const table = cursor.names();
  cursor.expectSymbol("(");
  const columns: ColumnDefinition[] = [];
  do {
    const column = parseColumn(cursor);
    if (column !== null) columns.push(column);
  } while (cursor.acceptSymbol(","));
  cursor.expectSymbol(")");
  return { kind: "createTable", table, columns };
}

/** Null for a constraint of the whole table: keys are read and not kept. */
function parseColumn(cursor: Cursor): ColumnDefinition | null {
  if (cursor.accept("CONSTRAINT")) cursor.name();
  if (cursor.isAt("PRIMARY") || cursor.isAt("UNIQUE")) {
    parseKey(cursor);
    return null;
  }
  const column: ColumnDefinition = {
    name: cursor.name(),
    type: parseType(cursor),
    nullable: true,
    identity: false,
    defaultValue: null,
  };
  while (parseColumnRule(cursor, column));
  return column;
}

function parseColumnRule(cursor: Cursor, column: ColumnDefinition): boolean {
  if (cursor.accept("CONSTRAINT")) cursor.name();
  if (cursor.accept("NOT", "NULL")) {
    column.nullable = false;
    return true;
  }
  if (cursor.accept("NULL")) return true;
  if (cursor.accept("IDENTITY")) {
    column.identity = true;
    column.nullable = false;
    if (cursor.acceptSymbol("(")) {
      cursor.list(() => cursor.wholeNumber());
      cursor.expectSymbol(")");
    }
    return true;
  }
  if (cursor.accept("DEFAULT")) {
    column.defaultValue = parseExpression(cursor);
    return true;
  }
  if (cursor.isAt("PRIMARY") || cursor.isAt("UNIQUE")) {
    column.nullable &&= cursor.isAt("UNIQUE");
    parseKey(cursor);
    return true;
  }
  return false;
}

function parseKey(cursor: Cursor): void {
  if (!cursor.accept("PRIMARY", "KEY")) cursor.expect("UNIQUE");
  if (!cursor.accept("CLUSTERED")) cursor.accept("NONCLUSTERED");
  if (!cursor.acceptSymbol("(")) return;
  cursor.list(() => {
    cursor.name();
    return cursor.accept("ASC") || cursor.accept("DESC");
  });
  cursor.expectSymbol(")");
}

export function parseAlter(cursor: Cursor): Parsed {
  const start = cursor.peek().start;
  cursor.expect("ALTER");
  if (cursor.accept("TABLE")) {
    const table = cursor.names();
    cursor.expect("ADD");
    return { kind: "alterTable", table, add: cursor.list(() => parseColumn(cursor)).filter((each) => each !== null) };
  }
  if (!cursor.accept("DATABASE")) throw notKnown(cursor.sql.slice(start));
  const name = cursor.name();
  if (cursor.accept("MODIFY", "NAME")) {
    cursor.expectSymbol("=");
    return { kind: "renameDatabase", name, to: cursor.name() };
  }
  if (!cursor.accept("SET")) throw notKnown(cursor.sql.slice(start));
  const option = cursor.name().toUpperCase();
  const followed = cursor.peek().kind === "word" && !cursor.isAt("WITH");
  const value = followed ? cursor.name().toUpperCase() : null;
  const rollback = cursor.accept("WITH", "ROLLBACK", "IMMEDIATE");
  return { kind: "setDatabase", name, option, value, rollback };
}

export function parseDrop(cursor: Cursor): Parsed {
  const start = cursor.peek().start;
  cursor.expect("DROP");
  if (cursor.accept("DATABASE")) {
    const ifExists = cursor.accept("IF", "EXISTS");
    return { kind: "dropDatabase", ifExists, names: cursor.list(() => cursor.name()) };
  }
  if (!cursor.accept("TABLE")) throw notKnown(cursor.sql.slice(start));
  const ifExists = cursor.accept("IF", "EXISTS");
  return { kind: "dropTable", ifExists, table: cursor.names() };
}
