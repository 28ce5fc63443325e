// STAND-IN for SQL Server: RESTORE and its questions about a backup.
import { notKnown } from "../engine/sql-error.ts";
import type { Cursor } from "./cursor.ts";
import type { Parsed } from "./parse-batch.ts";
import { parseDevice, parseNameOrVariable, parseOptions } from "./parse-options.ts";
import { parsePrimary } from "./parse-primary.ts";
import type { Expression } from "./syntax.ts";

const options = [
  "CHECKSUM",
  "NO_CHECKSUM",
  "STATS",
  "RECOVERY",
  "NORECOVERY",
  "FILE",
  "STOP_ON_ERROR",
  "CREDENTIAL",
  "LOADHISTORY",
];

export function parseRestore(cursor: Cursor): Parsed {
  const start = cursor.peek().start;
  cursor.expect("RESTORE");
  for (const what of ["VERIFYONLY", "HEADERONLY", "FILELISTONLY"] as const) {
    if (!cursor.accept(what)) continue;
    cursor.expect("FROM");
    const { device, path } = parseDevice(cursor);
    return { kind: "restoreInformation", what, device, path, options: parseOptions(cursor, options) };
  }
  if (!cursor.accept("DATABASE")) throw notKnown(cursor.sql.slice(start));
  const database = parseNameOrVariable(cursor);
  const source = cursor.accept("FROM") ? parseDevice(cursor) : { device: null, path: null };
  const moves: { logical: Expression; to: Expression }[] = [];
  const withOptions = parseOptions(cursor, options, () => {
    if (!cursor.accept("MOVE")) return false;
    const logical = parsePrimary(cursor);
    cursor.expect("TO");
    moves.push({ logical, to: parsePrimary(cursor) });
    return true;
  });
  return { kind: "restore", database, ...source, moves, options: withOptions };
}
