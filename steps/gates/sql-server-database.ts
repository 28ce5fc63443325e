import type { SqlServer } from "../../clients/sqlserver/contracts.ts";
import { splitTableName } from "../../clients/sqlserver/quoting.ts";
import { columnNamed, countRows, relationNamed, rowCounts, send } from "../../clients/sqlserver/statements.ts";
import { CutoverError } from "../../model/error.ts";
import { firstValue, type GateDatabase } from "./database.ts";

/** A SQL Server database as gates ask it. Comparisons of names follow the database's collation. */
export function sqlServerGateDatabase(server: SqlServer): GateDatabase {
  return {
    absentRelations: (names) =>
      absent(names, async (name) => {
        const { schema, table } = splitTableName(name);
        return (await send(server, relationNamed(schema, table))).length === 0;
      }),
    absentColumns: (names) =>
      absent(names, async (name) => (await send(server, columnNamed(...triple(name)))).length === 0),
    async countUpTo(name) {
      const { schema, table } = splitTableName(name);
      // The partitions' own count costs nothing, whatever the size; views have none and are counted.
      const known = (await send(server, rowCounts)).find((row) => same(row.schema, schema) && same(row.table, table));
      if (known !== undefined) return Number(known.rows);
      return Number((await send(server, countRows(schema, table)))[0]?.rows ?? 0);
    },
    async scalar(query) {
      if (!/^\s*(select|with)\b/i.test(query)) throw notReading(query);
      const [row] = await server.batch<Record<string, unknown>>(query.trim().replace(/;+$/, ""));
      return firstValue(row);
    },
    close: () => server.close(),
  };
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

async function absent(names: readonly string[], isAbsent: (name: string) => Promise<boolean>): Promise<string[]> {
  const missing: string[] = [];
  for (const name of names) if (await isAbsent(name)) missing.push(name);
  return missing;
}

function triple(name: string): [string, string, string] {
  // Not split as for PostgreSQL, which folds to lower case: a collation may tell cases apart.
  const dot = name.lastIndexOf(".");
  const [relation, column] = [name.slice(0, Math.max(0, dot)), name.slice(dot + 1).replace(/^\[(.*)\]$/, "$1")];
  if (relation.includes(".") && column !== "") {
    const { schema, table } = splitTableName(relation);
    return [schema, table, column];
  }
  throw new CutoverError({
    code: "CUT-5761",
    verdict: "errored",
    happened: `"${name}" is not of the form schema.table.column`,
    next: "Correct the gate in the release set.",
  });
}

function notReading(query: string): CutoverError {
  return new CutoverError({
    code: "CUT-5762",
    verdict: "errored",
    happened: "a gate's query must begin with SELECT or WITH: a gate changes nothing",
    evidence: [query.slice(0, 200)],
    next: "Correct the gate in the release set, and give cutover's login of this server no right to write.",
  });
}
