import type { Postgres } from "../../clients/contracts.ts";
import { quoteQualifiedName, splitQualifiedName } from "../../clients/sql-quoting.ts";
import type { GateOf } from "../../model/gate.ts";
import { askAgain, type Answer } from "./ask-again.ts";
import type { Gate } from "./contract.ts";
import { absentColumns, absentRelations } from "./sql-catalog.ts";

/**
 * Checks in the service's database. Missing tables and columns fail at once: the migration is over. Row counts and the scalar query may still
 * come true (a first job is filling them), so they are asked again until the time-out.
 */
export const judge: Gate<"sql"> = async (spec, context) => {
  let database: Postgres | null = null;
  try {
    return await askAgain(spec.name, context, async () => {
      database ??= await context.openDatabase();
      try {
        return await judgeDatabase(spec, database);
      } catch (error) {
        // The next question gets a new connection.
        await database.close();
        database = null;
        throw error;
      }
    });
  } finally {
    await (database as Postgres | null)?.close();
  }
};

async function judgeDatabase(spec: GateOf<"sql">, database: Postgres): Promise<Answer> {
  const counted = Object.keys(spec.rowCounts);
  const missing = [
    ...(await absentRelations(database, [...new Set([...spec.tables, ...counted])])).map((name) => `relation ${name}`),
    ...(await absentColumns(database, spec.columns)).map((name) => `column ${name}`),
  ];
  if (missing.length > 0) {
    const summary = `missing in the database: ${missing.join(", ")}`;
    return { finding: { verdict: "failed", summary, evidence: missing } };
  }
  const evidence = [
    ...spec.tables.map((name) => `relation ${name} is there`),
    ...spec.columns.map((name) => `column ${name} is there`),
  ];
  for (const [name, minimum] of Object.entries(spec.rowCounts)) {
    const rows = await countUpTo(database, name, minimum);
    evidence.push(`${name} has ${rows >= minimum ? "at least " : ""}${rows} rows`);
    if (rows < minimum) return { waitingFor: `${name} has ${rows} rows, at least ${minimum} wanted`, evidence };
  }
  if (spec.scalar !== undefined) {
    const value = await scalarOf(database, spec.scalar.query);
    evidence.push(`${spec.scalar.query} = ${value ?? "NULL"}`);
    if (value !== spec.scalar.equals) {
      return { waitingFor: `the query gives ${value ?? "NULL"}, wanted ${spec.scalar.equals}`, evidence };
    }
  }
  return { finding: { verdict: "passed", summary: evidence.join("; ") || "the database answers", evidence } };
}

// Stops counting at what is wanted: a fact table may have billions of rows.
async function countUpTo(database: Postgres, name: string, most: number): Promise<number> {
  const relation = quoteQualifiedName(...splitQualifiedName(name));
  const sql = `SELECT count(*)::int AS rows FROM (SELECT 1 FROM ${relation} LIMIT $1) AS counted`;
  return (await database.query<{ rows: number }>(sql, [most]))[0]?.rows ?? 0;
}

/** First column of the first row as text; null for NULL or no row. Read-only: a gate changes nothing. */
async function scalarOf(database: Postgres, query: string): Promise<string | null> {
  const statement = query.trim().replace(/;+$/, "");
  await database.query("BEGIN TRANSACTION READ ONLY");
  try {
    // As a subquery the server itself turns the value into text, the same way for every type.
    const wrapped = /^(select|with|values|table)\b/i.test(statement)
      ? `SELECT (${statement}\n)::text AS value`
      : statement;
    const [row] = await database.query<Record<string, unknown>>(wrapped);
    const value = row === undefined ? null : Object.values(row)[0];
    if (value === null || value === undefined) return null;
    return typeof value === "string" ? value : JSON.stringify(value);
  } finally {
    await database.query("ROLLBACK");
  }
}
