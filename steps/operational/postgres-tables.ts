import { quoteLiteral, quoteQualifiedName, splitQualifiedName } from "../../clients/sql-quoting.ts";
import { CutoverError } from "../../model/error.ts";
import { nameWithEnd } from "../../model/operational/restore-moves.ts";
import type { PlatformBackup } from "../../model/platform-backup.ts";
import { withPostgres, type PostgresAccess } from "./postgres-access.ts";

/**
 * Copies a warehouse table to `<table>_bak_<yymmdd>` inside its database (facts/domain.md A8). The run's own copy is kept; a name that
 * somebody else took is an error.
 * @throws CutoverError CUT-5524.
 */
export async function copyPostgresTable(
  access: PostgresAccess,
  { database, table }: { database: string; table: string },
  run: string,
): Promise<PlatformBackup["tables"][number]> {
  const parts = splitQualifiedName(table);
  const [schema, name] = parts.length === 1 ? ["public", parts[0] ?? ""] : [parts[0] ?? "", parts[1] ?? ""];
  const day = new Date().toISOString().slice(2, 10).replaceAll("-", "");
  const mark = `cutover run ${run}`;
  return withPostgres(access, database, async (connection) => {
    const earlier = await connection.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND obj_description(c.oid, 'pg_class') = $2 AND c.relname LIKE $3`,
      [schema, `${mark} of ${name}`, "%\\_bak\\_%"],
    );
    const copy = earlier[0]?.name ?? nameWithEnd(name, `_bak_${day}`, "postgresql");
    const target = quoteQualifiedName(schema, copy);
    if (earlier.length === 0) {
      await connection.query("BEGIN");
      try {
        await connection.query(`CREATE TABLE ${target} AS TABLE ${quoteQualifiedName(schema, name)}`);
        await connection.query(`COMMENT ON TABLE ${target} IS ${quoteLiteral(`${mark} of ${name}`)}`);
        await connection.query("COMMIT");
      } catch (error) {
        await connection.query("ROLLBACK").catch(() => undefined);
        if (isTaken(error)) throw taken(database, `${schema}.${copy}`, error);
        throw error;
      }
    }
    const [row] = await connection.query<{ count: string }>(`SELECT count(*) AS count FROM ${target}`);
    return { database, table: `${schema}.${name}`, copy: `${schema}.${copy}`, rows: Number(row?.count ?? 0) };
  });
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "42P07";
}

function taken(database: string, copy: string, cause: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-5524",
      verdict: "failed",
      happened: `${copy} in ${database} is there already, and this run did not make it`,
      untouched: "No table was changed.",
      next: "Rename or remove it, then run pulumi up again.",
      exitCode: 16,
    },
    { cause },
  );
}
