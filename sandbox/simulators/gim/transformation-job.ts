import type { Client } from "pg";
import { inTransaction } from "../database/connection.ts";
import { createPartition, partitionName } from "../database/statements.ts";
import { bigFacts } from "../database/tables.ts";

const rowsPerJob = 10;
/** Months kept and made ahead by the maintenance part of the job: an old partition goes, a new one comes. */
const keptMonths = 12;
const monthsAhead = 2;
/** Facts that only newer schemas have; filled when they exist. */
const newerFacts = ["cobrowse_fact", "survey_fact", "bot_interaction_fact"];

/** Records the beginning of a job; returns its id. */
export async function recordJob(client: Client, name: string, status: string, detail: string): Promise<number> {
  const answer = await client.query<{ job_id: string }>(
    "insert into admin_etl_job_history (job_name, started_at, ended_at, status, detail) values ($1, now(), now(), $2, $3) returning job_id",
    [name, status, detail],
  );
  return Number(answer.rows[0]?.job_id);
}

/** One transformation job: some rows in the facts, its history, and partition maintenance. All or nothing. */
export async function runTransformation(client: Client, pod: string, now: Date): Promise<void> {
  await inTransaction(client, async () => {
    for (const table of Object.keys(bigFacts)) {
      await client.query(createPartition(table, now, monthsAhead));
      await client.query(`drop table if exists ${partitionName(table, now, -keptMonths - 1)}`);
    }
    const job = await recordJob(client, "Job_TransformGIM", "COMPLETED", pod);
    const seconds = Math.floor(now.getTime() / 1000);
    for (const [table, { row }] of Object.entries(bigFacts)) {
      const insert = await client.query(
        `insert into ${table} select coalesce((select max(${table}_id) from ${table} where start_date_time_key >= ${seconds - 86_400}), ` +
          `(select count(*) from ${table})) + i, start_ts, ${row} ` +
          `from (select i, ${seconds}::bigint as start_ts from generate_series(1, ${rowsPerJob}) i) as series on conflict do nothing`,
      );
      await client.query(
        "insert into ctl_transform_history (job_id, table_name, rows_inserted, ended_at) values ($1, $2, $3, now())",
        [job, table, insert.rowCount],
      );
    }
    // Through the name that users query: a table in old schemas, a view in newer ones.
    await client.query(
      "insert into group_to_campaign_fact (group_to_campaign_fact_key, tenant_key, start_date_time_key, active) " +
        "select coalesce(max(group_to_campaign_fact_key), 0) + 1, 1, $1, true from group_to_campaign_fact",
      [seconds],
    );
    for (const table of newerFacts) {
      const exists = await client.query<{ oid: string | null }>("select to_regclass($1) as oid", [table]);
      if (exists.rows[0]?.oid == null) continue;
      await client.query(
        `insert into ${table} (tenant_key, start_date_time_key) select 1, ${seconds} from generate_series(1, ${rowsPerJob})`,
      );
    }
    await client.query("insert into ctl_etl_history (job_id, step, ended_at) values ($1, 'transform', now())", [job]);
    await client.query(
      "insert into ctl_audit_log (job_id, inserted, processing_status_key, created) values ($1, $2, 1, now())",
      [job, rowsPerJob],
    );
  });
}
