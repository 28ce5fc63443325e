// STAND-IN for SQL Server: device and WITH options that BACKUP and RESTORE share.
import { notKnown } from "../engine/sql-error.ts";
import type { Cursor } from "./cursor.ts";
import { parseSum } from "./parse-expression.ts";
import { parsePrimary } from "./parse-primary.ts";
import type { BackupOptions, Expression } from "./syntax.ts";

/** A name or a variable, such as the database of BACKUP. */
export function parseNameOrVariable(cursor: Cursor): Expression {
  if (cursor.peek().kind === "variable") return parsePrimary(cursor);
  const value = cursor.name();
  return { kind: "literal", type: { name: "nvarchar", length: 128 }, value };
}

/** `DISK = N'...'` or `URL = @url`. */
export function parseDevice(cursor: Cursor): { device: string; path: Expression } {
  const device = cursor.name().toUpperCase();
  cursor.expectSymbol("=");
  return { device, path: parsePrimary(cursor) };
}

/**
 * Options behind WITH, by name. @throws SqlError 50000 for one that is not in the list, REPLACE before all: it switches off
 * the guards against overwriting a database, and nothing of the product may ever send it.
 */
export function parseOptions(cursor: Cursor, known: readonly string[], onOther?: () => boolean): BackupOptions {
  const options: BackupOptions = new Map();
  if (!cursor.accept("WITH")) return options;
  cursor.list(() => {
    if (onOther?.() === true) return;
    const start = cursor.peek().start;
    const name = cursor.name().toUpperCase();
    if (!known.includes(name)) throw notKnown(`${cursor.sql.slice(0, start)} ... WITH ${name}`);
    options.set(name, cursor.acceptSymbol("=") ? parseSum(cursor) : true);
  });
  return options;
}
