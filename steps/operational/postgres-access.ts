import type { DatabaseCredentials, Postgres } from "../../clients/contracts.ts";
import { quoteQualifiedName } from "../../clients/sql-quoting.ts";

/** A PostgreSQL server with the databases of a platform. */
export interface PostgresAccess {
  /** `database` is the core database. */
  credentials: DatabaseCredentials;
  /** A connection of its own to one database; the caller closes it. */
  connect(database: string): Promise<Postgres>;
}

/** The database that connections go to which are about other databases: it is never backed up, renamed or dropped. */
export const maintenanceDatabase = "postgres";

/** Works with one connection and closes it. */
export async function withPostgres<Value>(
  access: PostgresAccess,
  database: string,
  work: (connection: Postgres) => Promise<Value>,
): Promise<Value> {
  const connection = await access.connect(database);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** Rows of every ordinary table, as this transaction sees them; `schema.table` -> rows. Partitions count for themselves. */
export async function countAllRows(connection: Postgres): Promise<Record<string, number>> {
  const tables = await connection.query<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
      ORDER BY 1, 2`,
  );
  const rows: Record<string, number> = {};
  for (const { schema, name } of tables) {
    const sql = `SELECT count(*) AS count FROM ONLY ${quoteQualifiedName(schema, name)}`;
    const [row] = await connection.query<{ count: string }>(sql);
    rows[`${schema}.${name}`] = Number(row?.count ?? Number.NaN);
  }
  return rows;
}
