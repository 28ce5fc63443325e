import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import type { Postgres } from "../../clients/contracts.ts";
import { runProcess } from "../../clients/process.ts";
import { quoteQualifiedName } from "../../clients/sql-quoting.ts";

/** One table's data in a directory dump. */
export interface DumpedTable {
  /** `schema name owner`, as pg_restore lists it; names may hold spaces. */
  label: string;
  /** Name of the data file without its compression's ending. */
  file: string;
}

/** Reads lines of `pg_restore --list`: the entries with data of tables; pure. */
export function dumpedTables(listing: readonly string[]): DumpedTable[] {
  return listing.flatMap((line) => {
    const match = /^(\d+); \d+ \d+ TABLE DATA (.+)$/.exec(line);
    return match === null ? [] : [{ label: match[2] ?? "", file: `${match[1]}.dat` }];
  });
}

/** What the rows of a restored database say against its dump. */
export interface RowComparison {
  tables: number;
  rows: number;
  /** One line for each table that is missing or has another number of rows. */
  differences: string[];
  /** Tables whose data file is compressed in a way that cannot be counted here. */
  notCounted: number;
}

interface Table {
  schema: string;
  name: string;
  owner: string;
}

/**
 * Compares the rows of every table with those in the dump's own files: a row of pg_dump's COPY text is exactly one line. It needs
 * nothing that the dump did not keep, so that it works for every backup.
 */
export async function compareRows(restored: Postgres, folder: string, signal: AbortSignal): Promise<RowComparison> {
  const listing: string[] = [];
  await runProcess(["pg_restore", "--list", folder], { signal, onStdoutLine: (line) => void listing.push(line) });
  const tables = await restored.query<Table>(
    `SELECT n.nspname AS schema, c.relname AS name, pg_get_userbyid(c.relowner) AS owner
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'`,
  );
  const result: RowComparison = { tables: 0, rows: 0, differences: [], notCounted: 0 };
  for (const { label, file } of dumpedTables(listing)) {
    signal.throwIfAborted();
    const written = await rowsOfFile(join(folder, file), signal);
    const table = tableOf(label, tables);
    if (written === null) result.notCounted += 1;
    else if (table === undefined) result.differences.push(`${label}: the table is not there`);
    else {
      const name = quoteQualifiedName(table.schema, table.name);
      const [row] = await restored.query<{ count: string }>(`SELECT count(*) AS count FROM ONLY ${name}`);
      const found = Number(row?.count ?? Number.NaN);
      result.tables += 1;
      result.rows += found;
      if (found !== written) result.differences.push(`${name}: ${found} rows, ${written} in the backup`);
    }
  }
  return result;
}

// The owner is not compared where it differs: restored by another role, the rows still have to be the same.
function tableOf(label: string, tables: readonly Table[]): Table | undefined {
  return (
    tables.find(({ schema, name, owner }) => label === `${schema} ${name} ${owner}`) ??
    tables.find(({ schema, name }) => label.startsWith(`${schema} ${name} `))
  );
}

/** Lines of a data file before its end mark; null when it is neither plain nor gzip. */
async function rowsOfFile(file: string, signal: AbortSignal): Promise<number | null> {
  if (await exists(`${file}.gz`)) {
    const packed = createReadStream(`${file}.gz`, { highWaterMark: 1 << 20, signal });
    const plain = createGunzip({ chunkSize: 1 << 18 });
    packed.on("error", (error) => plain.destroy(error));
    return countRows(packed.pipe(plain));
  }
  return (await exists(file)) ? countRows(createReadStream(file, { highWaterMark: 1 << 20, signal })) : null;
}

async function countRows(data: AsyncIterable<unknown>): Promise<number> {
  let lines = 0;
  let tail = Buffer.alloc(0);
  for await (const chunk of data) {
    const bytes = chunk as Buffer;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1;
    tail = Buffer.concat([tail, bytes]).subarray(-8);
  }
  // `\.` and two empty lines end the rows; they are counted off only where they are.
  const end = /\\\.(\n*)$/.exec(tail.toString("latin1"));
  return lines - (end?.[1]?.length ?? 0);
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
