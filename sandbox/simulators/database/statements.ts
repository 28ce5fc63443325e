import { administration, bigFacts, dimensions, facts, staging } from "./tables.ts";

/** First second of the month `offset` months from `now`, UTC, in seconds since the epoch. */
export function monthStart(now: Date, offset: number): number {
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1) / 1000;
}

/** `<table>_p202611` for a month. */
export function partitionName(table: string, now: Date, offset: number): string {
  const month = new Date(monthStart(now, offset) * 1000);
  return `${table}_p${month.getUTCFullYear()}${String(month.getUTCMonth() + 1).padStart(2, "0")}`;
}

/** Creates one monthly partition unless it is there. */
export function createPartition(table: string, now: Date, offset: number): string {
  return (
    `create table if not exists ${partitionName(table, now, offset)} partition of ${table} ` +
    `for values from (${monthStart(now, offset)}) to (${monthStart(now, offset + 1)})`
  );
}

/** Months before and after the present one that the oldest schema has partitions for. */
export const firstMonth = -13;
export const lastMonth = 1;

/** All tables of the oldest schema, still empty. */
export function createTables(now: Date): string[] {
  const statements: string[] = [];
  for (const [table, { columns }] of Object.entries(bigFacts)) {
    statements.push(
      `create table ${table} (${table}_id bigint, start_date_time_key bigint, ${columns}) partition by range (start_date_time_key)`,
    );
    for (let offset = firstMonth; offset <= lastMonth; offset += 1)
      statements.push(createPartition(table, now, offset));
  }
  for (const [table, columns] of Object.entries(facts)) {
    statements.push(
      `create table ${table} (${table}_key bigint primary key, tenant_key int, start_date_time_key bigint, ${columns})`,
    );
  }
  for (const [table, columns] of Object.entries(dimensions)) {
    statements.push(`create table ${table} (${table}_key int primary key, name varchar(255), ${columns})`);
  }
  for (const table of staging) statements.push(`create table ${table} (id bigint, payload varchar(255))`);
  for (const [table, columns] of Object.entries(administration)) statements.push(`create table ${table} (${columns})`);
  return statements;
}

/** Fills the tables: `rows` in each big fact over the last twelve months, at most 500 elsewhere. */
export function fillTables(now: Date, rows: number): string[] {
  const from = monthStart(now, -12);
  const seconds = Math.floor(now.getTime() / 1000) - from;
  const some = Math.min(rows, 500);
  const statements = Object.entries(bigFacts).map(
    ([table, { row }]) =>
      `insert into ${table} select i, start_ts, ${row} from (select i, ${from} + (i * ${seconds} / ${rows + 1}) as start_ts ` +
      `from generate_series(1, ${rows}::bigint) i) as series`,
  );
  for (const table of Object.keys(facts)) {
    statements.push(
      `insert into ${table} (${table}_key, tenant_key, start_date_time_key) select i, 1, ${from} + i from generate_series(1, ${some}) i`,
    );
  }
  for (const table of Object.keys(dimensions)) {
    statements.push(
      `insert into ${table} (${table}_key, name) select i, '${table} ' || i from generate_series(1, 50) i`,
    );
  }
  return statements;
}

/** Keys and indexes that the product ships; made after filling, which is faster. */
export function createIndexes(): string[] {
  return [
    ...Object.keys(bigFacts).map((table) => `alter table ${table} add primary key (${table}_id, start_date_time_key)`),
    "create index interaction_resource_fact_ixn on interaction_resource_fact (interaction_id)",
    "create index irf_user_data_gen_1_irf on irf_user_data_gen_1 (interaction_resource_id)",
    "insert into ctl_schema_info (version) values ('8.5.112')",
  ];
}

/** Export views of the oldest schema: frozen lists of columns (facts/domain.md B5). */
export function createExportViews(): string[] {
  return Object.entries(bigFacts).map(([table, { columns }]) => {
    const names = columns.split(", ").map((column) => column.split(" ")[0]);
    return `create view export_${table} as select ${[`${table}_id`, "start_date_time_key", ...names].join(", ")} from ${table}`;
  });
}

/** Role that a customer's reports log in with; it exists once per server. */
export const reportingRole = "infomart_reporting";

/** What a customer added to the database. Migrations lose some of it (names `cust_*` and grants on replaced tables). */
export function createCustomObjects(): string[] {
  const readable = [
    "interaction_fact",
    "calling_list_metric_fact",
    "group_to_campaign_fact",
    "campaign_group_state_fact",
    "chat_session_fact",
    "cust_v_interactions",
    "cust_v_list_metrics",
    "cust_v_chat",
  ];
  return [
    "create index cust_idx_interaction_media on interaction_fact (media_type_key, tenant_key)",
    "create index cust_idx_list_metric on calling_list_metric_fact (calling_list_key)",
    "create index cust_idx_chat_resource on chat_session_fact (resource_key)",
    "create view cust_v_interactions as select interaction_fact_id, media_type_key, status from interaction_fact",
    "create view cust_v_list_metrics as select calling_list_key, sum(total) as total from calling_list_metric_fact group by 1",
    "create view cust_v_chat as select resource_key, avg(duration) as average_duration from chat_session_fact group by 1",
    ...readable.map((relation) => `grant select on ${relation} to ${reportingRole}`),
  ];
}
