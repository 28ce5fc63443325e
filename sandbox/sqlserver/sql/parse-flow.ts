// STAND-IN for SQL Server: variables, settings, procedures, THROW, WAITFOR and transactions.
import { notKnown } from "../engine/sql-error.ts";
import type { Cursor } from "./cursor.ts";
import type { Parsed } from "./parse-batch.ts";
import { parseExpression } from "./parse-expression.ts";
import { parseType } from "./parse-primary.ts";

export function parseDeclare(cursor: Cursor): Parsed {
  cursor.expect("DECLARE");
  const variables = cursor.list(() => {
    const name = cursor.variable();
    cursor.accept("AS");
    const type = parseType(cursor);
    return { name, type, value: cursor.acceptSymbol("=") ? parseExpression(cursor) : null };
  });
  return { kind: "declare", variables };
}

/** Settings of the session that a client sends when it connects; none changes what the stand-in does. */
const settings = [
  ...["ANSI_NULLS", "ANSI_NULL_DFLT_ON", "ANSI_PADDING", "ANSI_WARNINGS", "ARITHABORT", "CONCAT_NULL_YIELDS_NULL"],
  ...["CURSOR_CLOSE_ON_COMMIT", "DATEFIRST", "DATEFORMAT", "IMPLICIT_TRANSACTIONS", "LANGUAGE", "NUMERIC_ROUNDABORT"],
  ...["QUOTED_IDENTIFIER", "TEXTSIZE", "XACT_ABORT", "NOCOUNT", "LOCK_TIMEOUT", "DEADLOCK_PRIORITY"],
];

export function parseSet(cursor: Cursor): Parsed {
  const start = cursor.peek().start;
  cursor.expect("SET");
  if (cursor.peek().kind === "variable") {
    const name = cursor.variable();
    cursor.expectSymbol("=");
    return { kind: "setVariable", name, value: parseExpression(cursor) };
  }
  if (cursor.accept("TRANSACTION", "ISOLATION", "LEVEL")) {
    cursor.name();
    if (!cursor.accept("COMMITTED") && !cursor.accept("UNCOMMITTED")) cursor.accept("READ");
    return { kind: "setOption", name: "TRANSACTION ISOLATION LEVEL", on: true };
  }
  const name = cursor.name().toUpperCase();
  if (!settings.includes(name)) throw notKnown(cursor.sql.slice(start));
  cursor.acceptSymbol("-");
  return { kind: "setOption", name, on: cursor.next().text.toUpperCase() === "ON" };
}

export function parseExecute(cursor: Cursor): Parsed {
  if (!cursor.accept("EXEC")) cursor.expect("EXECUTE");
  let into: string | null = null;
  if (cursor.peek().kind === "variable") {
    into = cursor.variable();
    cursor.expectSymbol("=");
  }
  const procedure = cursor.names();
  const ends = cursor.atEnd || cursor.isAtSymbol(";");
  const values = ends ? [] : cursor.list(() => parseArgument(cursor));
  return { kind: "execute", procedure, arguments: values, into };
}

function parseArgument(cursor: Cursor): {
  name: string | null;
  value: ReturnType<typeof parseExpression>;
  output: boolean;
} {
  const named = cursor.peek().kind === "variable" && cursor.peek(1).text === "=";
  const name = named ? cursor.variable() : null;
  if (named) cursor.expectSymbol("=");
  const value = parseExpression(cursor);
  const output = cursor.accept("OUTPUT") || cursor.accept("OUT");
  return { name, value, output };
}

export function parseThrow(cursor: Cursor): Parsed {
  cursor.expect("THROW");
  const number = parseExpression(cursor);
  cursor.expectSymbol(",");
  const message = parseExpression(cursor);
  cursor.expectSymbol(",");
  parseExpression(cursor);
  return { kind: "throw", number, message };
}

export function parseWaitFor(cursor: Cursor): Parsed {
  cursor.expect("WAITFOR", "DELAY");
  const token = cursor.next();
  const match = token.kind === "string" ? /^(\d\d):(\d\d):(\d\d(?:\.\d+)?)$/.exec(token.text) : null;
  if (match === null) throw cursor.unexpected(token);
  const [, hours = "0", minutes = "0", seconds = "0"] = match;
  return { kind: "waitFor", milliseconds: ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 };
}

export function parseTransaction(cursor: Cursor): Parsed {
  const start = cursor.peek().start;
  const word = cursor.name().toLowerCase() as "begin" | "commit" | "rollback";
  const named = cursor.accept("TRANSACTION") || cursor.accept("TRAN");
  if (word === "begin" && !named) throw notKnown(cursor.sql.slice(start));
  return { kind: "transaction", action: word };
}
