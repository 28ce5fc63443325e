import type { Postgres } from "../../clients/contracts.ts";
import { CutoverError, messageOf } from "../../model/error.ts";

/** Asks the release set's scalar query for the schema version. Throws CUT-5130 when it gives no single value. */
export async function readSchemaVersion(database: Postgres, query: string): Promise<string> {
  let rows: Record<string, unknown>[];
  try {
    rows = await database.query<Record<string, unknown>>(query);
  } catch (error) {
    if (error instanceof CutoverError) throw error;
    throw unreadable(query, messageOf(error), error);
  }
  const [row] = rows;
  const values = Object.values(row ?? {});
  const [value] = values;
  if (rows.length !== 1 || values.length !== 1 || value === null || value === undefined) {
    throw unreadable(query, `${rows.length} rows with ${values.length} columns, wanted one value`);
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** True while another session of the same login changes tables: its migration is at work and must not be restarted. */
export async function isChangingSchema(database: Postgres): Promise<boolean> {
  const rows = await database.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND state IN ('active', 'idle in transaction')
        AND query ~* '^\\s*(create|alter|drop|reindex|cluster)\\M' AND query !~* '^\\s*create\\s+(temp|temporary)\\M'`,
  );
  return rows.length > 0;
}

function unreadable(query: string, why: string, cause?: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-5130",
      verdict: "errored",
      happened: "the schema version of the database cannot be read",
      evidence: [`schemaVersionQuery: ${query}`, why],
      next: "Correct migrate.schemaVersionQuery in the release set or the login's right to read that table.",
    },
    { cause },
  );
}
