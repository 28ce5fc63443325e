import type { GateOf } from "../../model/gate.ts";
import { askAgain, type Answer } from "./ask-again.ts";
import type { Gate } from "./contract.ts";
import { openGateDatabase, type GateDatabase } from "./database.ts";

/**
 * Checks in the service's database, or an operational one. Missing tables and columns fail at once: the migration is over. Row counts and the scalar query may still
 * come true (a first job is filling them), so they are asked again until the time-out.
 */
export const judge: Gate<"sql"> = async (spec, context) => {
  let database: GateDatabase | null = null;
  try {
    return await askAgain(spec.name, context, async () => {
      database ??= await openGateDatabase(context, spec);
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
    await (database as GateDatabase | null)?.close();
  }
};

async function judgeDatabase(spec: GateOf<"sql">, database: GateDatabase): Promise<Answer> {
  const counted = Object.keys(spec.rowCounts);
  const missing = [
    ...(await database.absentRelations([...new Set([...spec.tables, ...counted])])).map((name) => `relation ${name}`),
    ...(await database.absentColumns(spec.columns)).map((name) => `column ${name}`),
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
    const rows = await database.countUpTo(name, minimum);
    evidence.push(`${name} has ${rows >= minimum ? "at least " : ""}${rows} rows`);
    if (rows < minimum) return { waitingFor: `${name} has ${rows} rows, at least ${minimum} wanted`, evidence };
  }
  if (spec.scalar !== undefined) {
    const value = await database.scalar(spec.scalar.query);
    evidence.push(`${spec.scalar.query} = ${value ?? "NULL"}`);
    if (value !== spec.scalar.equals) {
      return { waitingFor: `the query gives ${value ?? "NULL"}, wanted ${spec.scalar.equals}`, evidence };
    }
  }
  return { finding: { verdict: "passed", summary: evidence.join("; ") || "the database answers", evidence } };
}
