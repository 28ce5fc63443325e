/** Columns of a big fact besides its key; partitioned by month over `start_date_time_key` (seconds since the epoch, UTC). */
export const bigFacts: Readonly<Record<string, { columns: string; row: string }>> = {
  interaction_fact: {
    columns:
      "tenant_key int, media_type_key int, interaction_type_key int, source_address varchar(40), end_ts bigint, status smallint",
    row: "1, (i % 7)::int, (i % 5)::int, '+1555' || i, start_ts + 60, 1",
  },
  interaction_resource_fact: {
    columns:
      "tenant_key int, interaction_id bigint, resource_key int, place_key int, talk_duration int, hold_duration int",
    row: "1, i, (i % 400)::int, (i % 90)::int, (i % 900)::int, (i % 60)::int",
  },
  mediation_segment_fact: {
    columns:
      "tenant_key int, interaction_id bigint, resource_key int, mediation_duration int, technical_descriptor_key int",
    row: "1, i, (i % 400)::int, (i % 300)::int, (i % 12)::int",
  },
};

/** Facts of ordinary size: own columns after `<name>_key bigint primary key, tenant_key int, start_date_time_key bigint`. */
export const facts: Readonly<Record<string, string>> = {
  ixn_resource_state_fact: "resource_key int, state_key int, duration int",
  sm_res_session_fact: "resource_key int, media_type_key int, duration int",
  sm_res_state_fact: "resource_key int, state_key int, duration int",
  sm_res_state_reason_fact: "resource_key int, reason_key int, duration int",
  contact_attempt_fact: "campaign_key int, call_result_key int, attempt int",
  campaign_group_session_fact: "campaign_key int, group_key int, duration int",
  campaign_group_state_fact: "campaign_key int, group_key int, state_key int",
  group_to_campaign_fact: "campaign_key int, group_key int, active boolean",
  calling_list_metric_fact: "calling_list_key int, total int, completed int",
  chat_session_fact: "resource_key int, duration int, messages int",
  chat_thread_fact: "session_key bigint, duration int",
  callback_fact: "interaction_id bigint, wanted_ts bigint, attempts int",
  irf_user_data_gen_1: "interaction_resource_id bigint, case_id varchar(64), customer_id varchar(64)",
  irf_user_data_keys: "interaction_resource_id bigint, user_data_key int",
  resource_group_fact_: "resource_key int, group_key int",
  place_group_fact_: "place_key int, group_key int",
};

/** Dimensions: `<name>_key int primary key, name varchar(255)` and these. */
export const dimensions: Readonly<Record<string, string>> = {
  date_time: "cal_date timestamp, label_yyyy varchar(8)",
  tenant: "tenant_uuid varchar(40)",
  media_type: "is_online smallint",
  interaction_type: "interaction_subtype varchar(64)",
  interaction_descriptor: "customer_segment varchar(255)",
  resource_: "resource_type varchar(64), agent_first_name varchar(64)",
  resource_state: "state_type varchar(64)",
  resource_state_reason: "reason_type varchar(64)",
  group_: "group_type varchar(64)",
  place: "place_type varchar(64)",
  campaign: "description varchar(255)",
  calling_list: "description varchar(255)",
  call_result: "call_result_code varchar(64)",
  routing_target: "target_type varchar(64)",
  strategy: "strategy_type varchar(64)",
  requested_skill: "skill_level int",
  technical_descriptor: "technical_result varchar(255)",
  user_data_cust_dim_1: "dim_attribute_1 varchar(170)",
  currency: "code varchar(3)",
};

/** Staging tables: `id bigint, payload varchar(255)` and these. */
export const staging: readonly string[] = [
  "stg_interaction",
  "stg_party",
  "stg_resource_session",
  "stg_user_data",
  "stg_transform_discards",
];

/** History and control tables (facts/domain.md B5), complete. */
export const administration: Readonly<Record<string, string>> = {
  admin_etl_job_history:
    "job_id bigserial primary key, job_name varchar(64), started_at timestamptz, ended_at timestamptz, status varchar(32), detail text",
  admin_extract_history:
    "extract_id bigserial primary key, topic varchar(64), high_watermark bigint, extracted_at timestamptz",
  ctl_etl_history: "id bigserial primary key, job_id bigint, step varchar(64), ended_at timestamptz",
  ctl_transform_history:
    "id bigserial primary key, job_id bigint, table_name varchar(64), rows_inserted bigint, ended_at timestamptz",
  ctl_extract_history: "id bigserial primary key, job_id bigint, max_ts bigint, ended_at timestamptz",
  ctl_audit_log:
    "audit_key bigserial primary key, job_id bigint, inserted bigint, processing_status_key int, created timestamptz",
  ctl_schema_info:
    "id bigserial primary key, version varchar(32) not null, applied_at timestamptz not null default now()",
  ctl_migration_step:
    "version varchar(32), chunk int, name varchar(128), applied_at timestamptz not null default now(), pod varchar(253), primary key (version, chunk)",
};
