import type { Client } from "pg";
import { inTransaction } from "../database/connection.ts";
import { migrationChunks } from "./migration-chunks.ts";
import { pendingVersions } from "./schema-versions.ts";

/** What a migration asks of whoever runs it. */
export interface MigrationRun {
  /** Name of the pod, for the record. */
  pod: string;
  /** Called before each chunk, outside its transaction: no lock is held meanwhile. */
  beforeChunk(): Promise<void>;
  /** Called inside each chunk's transaction; what it throws rolls that chunk back. */
  beforeCommit(chunk: number, of: number): void;
  say(line: string): void;
}

/** The version of the Info Mart schema that a database has now. */
export async function schemaVersionOf(client: Client): Promise<string> {
  const answer = await client.query<{ version: string }>(
    "select version from ctl_schema_info order by id desc limit 1",
  );
  return answer.rows[0]?.version ?? "";
}

/**
 * Brings the database to `wanted`, version by version and chunk by chunk; each chunk is one transaction with its record
 * in `ctl_migration_step`, so that a second run goes on where the first one stopped. Never goes back. One at a time per
 * database. Rejects with the first error; what was done before stays.
 */
export async function migrate(client: Client, wanted: string, run: MigrationRun): Promise<void> {
  await client.query("select pg_advisory_lock(8500113)");
  try {
    for (const version of pendingVersions(await schemaVersionOf(client), wanted)) {
      run.say(`Job_MigrateGIM: schema ${await schemaVersionOf(client)} to ${version}`);
      await migrateTo(client, version, run);
    }
  } finally {
    await client.query("select pg_advisory_unlock(8500113)").catch(() => undefined);
  }
}

async function migrateTo(client: Client, version: string, run: MigrationRun): Promise<void> {
  const chunks = migrationChunks[version] ?? [];
  for (const [index, chunk] of chunks.entries()) {
    const number = index + 1;
    await run.beforeChunk();
    await inTransaction(client, async () => {
      const recorded = await client.query(
        "insert into ctl_migration_step (version, chunk, name, pod) values ($1, $2, $3, $4) on conflict do nothing",
        [version, number, chunk.name, run.pod],
      );
      if (recorded.rowCount === 0) {
        run.say(`chunk ${number} of ${chunks.length} was done before: ${chunk.name}`);
        return;
      }
      for (const statement of chunk.statements) await client.query(statement);
      run.beforeCommit(number, chunks.length);
      run.say(`chunk ${number} of ${chunks.length}: ${chunk.name}`);
    });
  }
  await client.query("insert into ctl_schema_info (version) values ($1)", [version]);
}
