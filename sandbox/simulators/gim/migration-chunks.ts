/** A restartable part of a migration: one transaction. */
export interface MigrationChunk {
  name: string;
  statements: readonly string[];
}

/** Export views stay in effect over a migration (seed 001), with the columns that they were frozen with. */
function keepingExportView(table: string, statements: readonly string[]): string[] {
  const view = `export_${table}`;
  return [
    `create temporary table export_columns on commit drop as select string_agg(quote_ident(attname), ', ' order by attnum) as list
       from pg_attribute where attrelid = to_regclass('${view}') and attnum > 0`,
    ...statements,
    `do $$ begin if (select list from export_columns) is not null then
       execute 'create or replace view ${view} as select ' || (select list from export_columns) || ' from ${table}'; end if; end $$`,
  ];
}

/** A table becomes a view (facts/domain.md D3): grants and custom indexes stay with the renamed table. */
function becomesView(table: string, columns: string): MigrationChunk {
  return {
    name: `${table} becomes a view`,
    statements: keepingExportView(table, [
      `alter table ${table} rename to ${table}_`,
      `create view ${table} as select ${table}_key, tenant_key, start_date_time_key, ${columns} from ${table}_`,
    ]),
  };
}

/** A table is replaced (facts/domain.md D3): its custom indexes, grants and the views on it are lost. */
function replaced(table: string, columns: string, oldNames: string, added: string): MigrationChunk {
  const names = `${table}_key, tenant_key, start_date_time_key, ${oldNames}`;
  return {
    name: `${table} is replaced`,
    statements: keepingExportView(table, [
      `create table ${table}_new (${table}_key bigint primary key, tenant_key int, start_date_time_key bigint, ${columns}, ${added})`,
      `insert into ${table}_new (${names}) select ${names} from ${table}`,
      `drop table ${table} cascade`,
      `alter table ${table}_new rename to ${table}`,
      `alter index ${table}_new_pkey rename to ${table}_pkey`,
    ]),
  };
}

function newTable(table: string, columns: string): MigrationChunk {
  return {
    name: `new table ${table}`,
    statements: [`create table ${table} (${table}_key bigserial primary key, ${columns})`],
  };
}

function newColumn(table: string, column: string): MigrationChunk {
  return {
    name: `new column ${table}.${column.split(" ")[0] ?? ""}`,
    statements: [`alter table ${table} add column ${column}`],
  };
}

function newIndex(name: string, on: string): MigrationChunk {
  return { name: `new index ${name}`, statements: [`create index ${name} on ${on}`] };
}

/** What brings a database to a version from the one before. The last statement of all is the new version number. */
export const migrationChunks: Readonly<Record<string, readonly MigrationChunk[]>> = {
  "8.5.113": [
    newColumn("interaction_fact", "media_server_guid varchar(50)"),
    newColumn("interaction_resource_fact", "cobrowse_key bigint"),
    newTable("cobrowse_page", "name varchar(255), url varchar(255)"),
    newTable("cobrowse_fact", "tenant_key int, start_date_time_key bigint, page_key int, duration int"),
    newIndex("interaction_resource_fact_rsc", "interaction_resource_fact (resource_key, start_date_time_key)"),
    becomesView("group_to_campaign_fact", "campaign_key, group_key, active"),
    replaced(
      "calling_list_metric_fact",
      "calling_list_key int, total int, completed int",
      "calling_list_key, total, completed",
      "dialed int",
    ),
  ],
  "8.5.115": [
    newTable("survey_fact", "tenant_key int, start_date_time_key bigint, interaction_id bigint, score int"),
    newColumn("mediation_segment_fact", "survey_key bigint"),
    newColumn("callback_fact", "survey_key bigint"),
    newIndex("survey_fact_ixn", "survey_fact (interaction_id)"),
    becomesView("campaign_group_state_fact", "campaign_key, group_key, state_key"),
    replaced(
      "chat_session_fact",
      "resource_key int, duration int, messages int",
      "resource_key, duration, messages",
      "survey_key bigint",
    ),
  ],
  "8.5.116": [
    newTable("bot", "name varchar(255), bot_type varchar(64)"),
    newTable("bot_interaction_fact", "tenant_key int, start_date_time_key bigint, bot_key int, duration int"),
    newColumn("interaction_fact", "bot_key int"),
    newColumn("chat_thread_fact", "bot_key int"),
    newIndex("mediation_segment_fact_rsc", "mediation_segment_fact (resource_key, start_date_time_key)"),
  ],
};
