import type { Postgres } from "../../clients/contracts.ts";
import { quoteQualifiedName, splitQualifiedName } from "../../clients/sql-quoting.ts";
import { CutoverError } from "../../model/error.ts";
import type { GateContext } from "./contract.ts";
import { absentColumns, absentRelations } from "./sql-catalog.ts";

/** What gates ask of a database, whichever system it is. Nothing here changes it. */
export interface GateDatabase {
  /** Those of the relations (`schema.name`) that are not there. */
  absentRelations(names: readonly string[]): Promise<string[]>;
  /** Those of the columns (`schema.table.column`) that are not there. */
  absentColumns(names: readonly string[]): Promise<string[]>;
  /** Rows of a relation, counted no further than `most` where counting costs. */
  countUpTo(name: string, most: number): Promise<number>;
  /** First column of the first row as text; null for NULL or no row. */
  scalar(query: string): Promise<string | null>;
  close(): Promise<void>;
}

/** Which database a gate asks; as in an sql gate. */
export interface WantedDatabase {
  connection?: "service" | "operational" | undefined;
  database?: string | undefined;
}

/** A connection of its own to the database that a gate means. Throws CUT-5760 when the platform has no operational databases. */
export async function openGateDatabase(context: GateContext, wanted: WantedDatabase): Promise<GateDatabase> {
  const { openOperational } = context;
  const connection = wanted.connection ?? context.defaultConnection ?? "service";
  if (connection === "service") return postgresGateDatabase(await context.openDatabase());
  if (openOperational !== undefined) return openOperational(wanted.database);
  throw new CutoverError({
    code: "CUT-5760",
    verdict: "errored",
    happened: `a gate of ${context.service.name} asks the operational databases, and the stack has none`,
    next: "Set cutover:operationalDatabases in the stack file, or correct the gate in the release set.",
  });
}

export function postgresGateDatabase(database: Postgres): GateDatabase {
  return {
    absentRelations: (names) => absentRelations(database, names),
    absentColumns: (names) => absentColumns(database, names),
    // Stops counting at what is wanted: a fact table may have billions of rows.
    async countUpTo(name, most) {
      const relation = quoteQualifiedName(...splitQualifiedName(name));
      const sql = `SELECT count(*)::int AS rows FROM (SELECT 1 FROM ${relation} LIMIT $1) AS counted`;
      return (await database.query<{ rows: number }>(sql, [most]))[0]?.rows ?? 0;
    },
    scalar: (query) => scalarOf(database, query),
    close: () => database.close(),
  };
}

/** Read-only: a gate changes nothing. */
async function scalarOf(database: Postgres, query: string): Promise<string | null> {
  const statement = query.trim().replace(/;+$/, "");
  await database.query("BEGIN TRANSACTION READ ONLY");
  try {
    // As a subquery the server itself turns the value into text, the same way for every type.
    const wrapped = /^(select|with|values|table)\b/i.test(statement)
      ? `SELECT (${statement}\n)::text AS value`
      : statement;
    const [row] = await database.query<Record<string, unknown>>(wrapped);
    return firstValue(row);
  } finally {
    await database.query("ROLLBACK");
  }
}

/** The first column of a row as text. */
export function firstValue(row: Record<string, unknown> | undefined): string | null {
  const value = row === undefined ? null : Object.values(row)[0];
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return typeof value === "string" ? value : JSON.stringify(value);
}
