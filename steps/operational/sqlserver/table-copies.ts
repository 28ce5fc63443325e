import type { SqlServer } from "../../../clients/sqlserver/contracts.ts";
import { escapeLike, splitTableName } from "../../../clients/sqlserver/quoting.ts";
import { isConnectionLost, SqlServerError } from "../../../clients/sqlserver/sql-error.ts";
import { copiedBy, copiesMadeBy, copyTable, countRows, send, tableId } from "../../../clients/sqlserver/statements.ts";
import { CutoverError } from "../../../model/error.ts";
import type { PlatformBackup } from "../../../model/platform-backup.ts";
import { untilReachable } from "./patience.ts";
import type { SqlServerView } from "./view.ts";

interface Table {
  database: string;
  /** As configured. */
  name: string;
  schema: string;
  table: string;
}
const mostBegun = 3;
// Counting the rows of a warehouse table may read all of it.
const patient = { timeoutMilliseconds: 0 };

/**
 * Copies the configured tables to `<table>_bak_<yymmdd>` beside them (facts/domain.md A8) and compares the rows. A copy of the same
 * run is kept, also past midnight; any other table of that name is left alone.
 * @throws CutoverError CUT-5420 when the name is taken, CUT-5421 when a copy fails or has other rows.
 */
export async function copyTables(view: SqlServerView, run: string): Promise<PlatformBackup["tables"]> {
  const copies: PlatformBackup["tables"] = [];
  for (const { database, table: name } of view.settings.tables) {
    view.context.signal.throwIfAborted();
    copies.push(await copyOne(view, { database, name, ...splitTableName(name) }, run));
  }
  return copies;
}

async function copyOne(view: SqlServerView, wanted: Table, run: string): Promise<PlatformBackup["tables"][number]> {
  const { context, server } = view;
  const { database, schema, table } = wanted;
  const mark = `${context.request.stack} ${run}`;
  const day = view.facts.now.toISOString().slice(2, 10).replaceAll("-", "");
  const connection = await untilReachable(view, () => context.sqlServer(server, database));
  const count = async (name: string): Promise<number> => {
    const [row] = await untilReachable(view, () =>
      send(connection, countRows(schema, name), { ...patient, signal: context.signal }),
    );
    return Number(row?.rows);
  };
  const before = await count(table);
  for (let begun = 0; begun <= mostBegun; begun += 1) {
    const copy = (await copyOf(view, connection, wanted, mark)) ?? `${table}_bak_${day}`;
    if (await exists(view, connection, schema, copy)) {
      await mustBeOurs(view, connection, wanted, { copy, mark });
      const [rows, after] = [await count(copy), await count(table)];
      if (rows >= Math.min(before, after) && rows <= Math.max(before, after))
        return { database, table: wanted.name, copy, rows };
      throw failed(view, wanted, [`${copy} has ${rows} rows, ${wanted.name} has ${after}`]);
    }
    context.progress(`copying ${database} ${wanted.name} to ${copy}`);
    try {
      await send(connection, copyTable({ schema, table, copy, run: mark }), { ...patient, signal: context.signal });
    } catch (error) {
      // Copy and mark are one transaction: after a lost connection both are there or none.
      if (isConnectionLost(error)) continue;
      throw error instanceof SqlServerError ? failed(view, wanted, error.details.evidence ?? [], error) : error;
    }
  }
  throw failed(view, wanted, [`${mostBegun} copies were begun, and none is there`]);
}

async function copyOf(
  view: SqlServerView,
  connection: SqlServer,
  { schema, table }: Table,
  mark: string,
): Promise<string | undefined> {
  const made = await untilReachable(view, () =>
    send(connection, copiesMadeBy(schema, `${escapeLike(`${table}_bak_`)}[0-9][0-9][0-9][0-9][0-9][0-9]`, mark)),
  );
  return made[0]?.name;
}

async function exists(view: SqlServerView, connection: SqlServer, schema: string, table: string): Promise<boolean> {
  const [found] = await untilReachable(view, () => send(connection, tableId(schema, table)));
  return found !== undefined && found.id !== null;
}

async function mustBeOurs(
  view: SqlServerView,
  connection: SqlServer,
  { database, name, schema }: Table,
  { copy, mark }: { copy: string; mark: string },
): Promise<void> {
  const [made] = await untilReachable(view, () => send(connection, copiedBy(schema, copy)));
  if (made?.run === mark) return;
  throw new CutoverError({
    code: "CUT-5420",
    verdict: "failed",
    happened: `${name} in ${database} cannot be copied: there already is a table ${schema}.${copy}`,
    evidence: [
      made === undefined ? "it carries no mark of cutover" : `it was made by run ${made.run}, this one is ${mark}`,
    ],
    untouched: "That table was not touched; no database was changed.",
    next: `Rename or drop ${schema}.${copy} if it is not wanted any more, then run the same command again.`,
    exitCode: 16,
  });
}

function failed(
  view: SqlServerView,
  { database, name }: Table,
  evidence: readonly string[],
  cause?: unknown,
): CutoverError {
  return new CutoverError(
    {
      code: "CUT-5421",
      verdict: "failed",
      happened: `the copy of ${name} in ${database} on ${view.master.server} failed`,
      evidence,
      untouched: `${name} itself was not changed, and no other table.`,
      next: "Remove the cause (space, rights, writers that are still at work), remove a copy with other rows, then run the same command again.",
      exitCode: 16,
    },
    { cause },
  );
}
