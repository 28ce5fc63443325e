// STAND-IN for SQL Server: a batch is a list of statements; what is not in the table below is refused by name.
import { notKnown } from "../engine/sql-error.ts";
import { Cursor } from "./cursor.ts";
import { parseBackup } from "./parse-backup.ts";
import { parseAlter, parseCreate, parseDrop } from "./parse-definition.ts";
import { parseDelete, parseInsert, parseUpdate } from "./parse-content.ts";
import { parseExpression } from "./parse-expression.ts";
import { parseDeclare, parseExecute, parseSet, parseThrow, parseTransaction, parseWaitFor } from "./parse-flow.ts";
import { parseRestore } from "./parse-restore.ts";
import { parseSelect } from "./parse-select.ts";
import type { Statement } from "./syntax.ts";

/** A statement without its text; the caller adds it. */
export type Parsed = Statement extends infer Each ? (Each extends unknown ? Omit<Each, "text"> : never) : never;

const parsers: Record<string, (cursor: Cursor) => Parsed> = {
  SELECT: parseSelect,
  INSERT: parseInsert,
  UPDATE: parseUpdate,
  DELETE: parseDelete,
  CREATE: parseCreate,
  ALTER: parseAlter,
  DROP: parseDrop,
  USE: parseUse,
  BACKUP: parseBackup,
  RESTORE: parseRestore,
  DECLARE: parseDeclare,
  SET: parseSet,
  EXEC: parseExecute,
  EXECUTE: parseExecute,
  IF: parseIf,
  PRINT: parsePrint,
  THROW: parseThrow,
  WAITFOR: parseWaitFor,
  BEGIN: parseTransaction,
  COMMIT: parseTransaction,
  ROLLBACK: parseTransaction,
};

/**
 * All statements of a batch.
 * @throws SqlError 50000 for a statement that the stand-in does not know, 102 for one that is written wrongly.
 */
export function parseBatch(sql: string): Statement[] {
  const cursor = new Cursor(sql);
  const statements: Statement[] = [];
  while (cursor.acceptSymbol(";"));
  while (!cursor.atEnd) {
    statements.push(parseStatement(cursor));
    while (cursor.acceptSymbol(";"));
  }
  return statements;
}

function parseStatement(cursor: Cursor): Statement {
  const token = cursor.peek();
  const parser = token.kind === "word" ? parsers[token.text.toUpperCase()] : undefined;
  if (parser === undefined || !Object.hasOwn(parsers, token.text.toUpperCase())) {
    throw notKnown(cursor.sql.slice(token.start));
  }
  const parsed = parser(cursor);
  return { ...parsed, text: cursor.textFrom(token.start) };
}

function parseUse(cursor: Cursor): Parsed {
  cursor.expect("USE");
  return { kind: "use", database: cursor.name() };
}

function parsePrint(cursor: Cursor): Parsed {
  cursor.expect("PRINT");
  return { kind: "print", value: parseExpression(cursor) };
}

function parseIf(cursor: Cursor): Parsed {
  cursor.expect("IF");
  const condition = parseExpression(cursor);
  const then = parseBlock(cursor);
  cursor.acceptSymbol(";");
  const otherwise = cursor.accept("ELSE") ? parseBlock(cursor) : [];
  return { kind: "if", condition, then, otherwise };
}

function parseBlock(cursor: Cursor): Statement[] {
  const transaction = cursor.isAt("BEGIN", "TRANSACTION") || cursor.isAt("BEGIN", "TRAN");
  if (transaction || !cursor.accept("BEGIN")) return [parseStatement(cursor)];
  const statements: Statement[] = [];
  while (cursor.acceptSymbol(";"));
  while (!cursor.accept("END")) {
    statements.push(parseStatement(cursor));
    while (cursor.acceptSymbol(";"));
  }
  return statements;
}
