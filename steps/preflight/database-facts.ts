import type { Postgres } from "../../clients/contracts.ts";

/** What preflight asks a PostgreSQL database, in one round trip each. Sizes in bytes. */
export interface DatabaseFacts {
  database: string;
  user: string;
  /** `server_version`, such as `15.18 (Debian 15.18-0+deb12u1)`. */
  version: string;
  sizeBytes: number;
  /** Relations that the role may not read, at most ten. */
  unreadable: string[];
  unreadableCount: number;
  /** Schemas with relations in which the role may not create, at most ten. */
  notCreatable: string[];
}

const general = `
  select current_database() as database, current_user as "user", current_setting('server_version') as version,
         pg_database_size(current_database())::text as size`;

// pg_dump locks and reads every relation; those that belong to an extension are the extension's.
const relations = `
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;

const unreadable = `
  select format('%I.%I', n.nspname, c.relname) as name, count(*) over ()::int as total ${relations}
    and not (has_schema_privilege(n.oid, 'USAGE') and case when c.relkind = 'S'
      then has_sequence_privilege(c.oid, 'SELECT') else has_table_privilege(c.oid, 'SELECT') end)
  order by 1 limit 10`;

const notCreatable = `
  select distinct n.nspname as name ${relations}
    and not has_schema_privilege(n.oid, 'CREATE')
  order by 1 limit 10`;

/** Reads the facts; read-only. */
export async function readDatabaseFacts(postgres: Postgres): Promise<DatabaseFacts> {
  const [base] = await postgres.query<{ database: string; user: string; version: string; size: string }>(general);
  if (base === undefined) throw new Error("the database gave no answer about itself");
  const hidden = await postgres.query<{ name: string; total: number }>(unreadable);
  const closed = await postgres.query<{ name: string }>(notCreatable);
  return {
    database: base.database,
    user: base.user,
    version: base.version,
    sizeBytes: Number(base.size),
    unreadable: hidden.map((row) => row.name),
    unreadableCount: hidden[0]?.total ?? 0,
    notCreatable: closed.map((row) => row.name),
  };
}
