// STAND-IN for SQL Server: BACKUP.
import { notKnown } from "../engine/sql-error.ts";
import type { Cursor } from "./cursor.ts";
import type { Parsed } from "./parse-batch.ts";
import { parseDevice, parseNameOrVariable, parseOptions } from "./parse-options.ts";

const options = [
  ...["COPY_ONLY", "CHECKSUM", "NO_CHECKSUM", "COMPRESSION", "NO_COMPRESSION", "FORMAT", "NOFORMAT", "INIT", "NOINIT"],
  ...["NAME", "DESCRIPTION", "STATS", "SKIP", "NOSKIP", "CREDENTIAL", "STOP_ON_ERROR"],
];

export function parseBackup(cursor: Cursor): Parsed {
  const start = cursor.peek().start;
  cursor.expect("BACKUP");
  const log = cursor.accept("LOG");
  if (!log && !cursor.accept("DATABASE")) throw notKnown(cursor.sql.slice(start));
  const database = parseNameOrVariable(cursor);
  cursor.expect("TO");
  const { device, path } = parseDevice(cursor);
  if (cursor.isAtSymbol(",")) throw notKnown(cursor.sql.slice(start));
  return { kind: "backup", log, database, device, path, options: parseOptions(cursor, options) };
}
