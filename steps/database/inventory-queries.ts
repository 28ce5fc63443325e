// The catalog queries of facts/domain.md D2 and E. Names are built by quote_ident so that rules and people see one form.
// Left out everywhere: system schemas, objects of extensions, and on partitions whatever their parent gave them.

const schemas = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
const notOfExtension = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;
const named = (schema: string, name: string): string => `quote_ident(${schema}) || '.' || quote_ident(${name})`;

export const identityQuery = `SELECT current_database() AS database, current_setting('server_version') AS version`;
/** Executable by everyone by default; a site may have revoked that. */
export const systemIdentifierQuery = `SELECT system_identifier::text AS id FROM pg_control_system()`;

export const relationsQuery = `
SELECT ${named("n.nspname", "c.relname")} AS name, c.relkind::text AS relkind, pg_get_userbyid(c.relowner) AS owner,
  coalesce(ts.spcname, '') AS tablespace, coalesce(array_to_string(c.reloptions, ', '), '') AS options,
  CASE WHEN c.relkind IN ('v','m') THEN pg_get_viewdef(c.oid, true) END AS viewdef,
  CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partkey
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
WHERE c.relkind IN ('r','p','f','v','m','S') AND c.relpersistence <> 't' AND ${schemas} AND ${notOfExtension("pg_class", "c.oid")}
  AND NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = c.oid)
ORDER BY 1`;

export const partitionsQuery = `
SELECT ${named("pn.nspname", "p.relname")} AS parent, ${named("cn.nspname", "c.relname")} AS child,
  coalesce(pg_get_expr(c.relpartbound, c.oid), '') AS bound
FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
WHERE c.relkind IN ('r','p','f') ORDER BY 1, 2`;

export const indexesQuery = `
SELECT ${named("n.nspname", "i.relname")} AS name, ${named("n.nspname", "t.relname")} AS relation,
  pg_get_indexdef(x.indexrelid) AS def, x.indisvalid AND x.indisready AS valid, coalesce(ts.spcname, '') AS tablespace,
  i.relkind = 'I' AS partitioned
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace LEFT JOIN pg_tablespace ts ON ts.oid = i.reltablespace
LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.contype IN ('p','u','x')
WHERE k.oid IS NULL AND ${schemas} AND t.relpersistence <> 't'
  AND NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = x.indexrelid) AND ${notOfExtension("pg_class", "i.oid")}
ORDER BY 1`;

export const constraintsQuery = `
SELECT ${named("n.nspname", "t.relname")} AS relation, quote_ident(k.conname) AS name, pg_get_constraintdef(k.oid) AS def,
  k.convalidated AS valid
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE k.contype IN ('c','f','p','u','x') AND k.coninhcount = 0 AND k.conislocal AND ${schemas}
  AND NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = t.oid)
ORDER BY 1, 2`;

export const functionsQuery = `
SELECT ${named("n.nspname", "f.proname")} AS name, pg_get_function_identity_arguments(f.oid) AS arguments,
  CASE WHEN f.prokind IN ('f','p','w') THEN pg_get_functiondef(f.oid) END AS def, pg_get_userbyid(f.proowner) AS owner
FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
WHERE ${schemas} AND ${notOfExtension("pg_proc", "f.oid")} ORDER BY 1, 2`;

/** The column tgparentid exists since PostgreSQL 13; before, a partition's copy of a trigger counts as internal. */
export const triggersQuery = `
SELECT ${named("n.nspname", "t.relname")} AS relation, quote_ident(g.tgname) AS name, pg_get_triggerdef(g.oid) AS def,
  g.tgenabled::text AS enabled
FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE NOT g.tgisinternal AND coalesce((to_jsonb(g) ->> 'tgparentid')::oid, 0) = 0 AND ${schemas} ORDER BY 1, 2`;

export const rulesQuery = `
SELECT ${named("n.nspname", "t.relname")} AS relation, quote_ident(r.rulename) AS name, pg_get_ruledef(r.oid) AS def
FROM pg_rewrite r JOIN pg_class t ON t.oid = r.ev_class JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE r.rulename <> '_RETURN' AND ${schemas} ORDER BY 1, 2`;

export const policiesQuery = `
SELECT ${named("n.nspname", "t.relname")} AS relation, quote_ident(p.polname) AS name,
  concat_ws(' ', p.polcmd, p.polpermissive, (SELECT string_agg(x::regrole::text, ',' ORDER BY x::regrole::text) FROM unnest(p.polroles) x),
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) AS def
FROM pg_policy p JOIN pg_class t ON t.oid = p.polrelid JOIN pg_namespace n ON n.oid = t.relnamespace WHERE ${schemas} ORDER BY 1, 2`;

export const statisticsQuery = `
SELECT ${named("n.nspname", "s.stxname")} AS name, pg_get_statisticsobjdef(s.oid) AS def,
  ${named("tn.nspname", "t.relname")} AS relation
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace JOIN pg_class t ON t.oid = s.stxrelid
JOIN pg_namespace tn ON tn.oid = t.relnamespace WHERE ${schemas} ORDER BY 1`;

export const publicationsQuery = `
SELECT quote_ident(p.pubname) AS name, concat_ws(' ', p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate,
  (SELECT string_agg(quote_ident(t.schemaname) || '.' || quote_ident(t.tablename), ', ' ORDER BY 1)
     FROM pg_publication_tables t WHERE t.pubname = p.pubname AND NOT p.puballtables)) AS def
FROM pg_publication p ORDER BY 1`;

export const tablespacesQuery = `
SELECT quote_ident(t.spcname) AS name, pg_tablespace_location(t.oid) AS def FROM pg_tablespace t
WHERE t.spcname !~ '^pg_' ORDER BY 1`;

export const commentsQuery = `
SELECT ${named("n.nspname", "c.relname")} AS relation, coalesce(quote_ident(a.attname), '') AS column, d.description AS def
FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
WHERE c.relkind IN ('r','p','f','v','m','S') AND ${schemas}
  AND NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = c.oid) ORDER BY 1, 2`;

const grantee = `CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END`;

/** Grants to others than the owner: on relations, columns, schemas and functions. */
export const grantsQuery = `
SELECT CASE WHEN c.relkind = 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS on_kind, ${named("n.nspname", "c.relname")} AS name,
  '' AS column, ${grantee} AS grantee, a.privilege_type AS privilege, a.is_grantable AS grantable
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
  LATERAL aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) a
WHERE c.relkind IN ('r','p','v','m','f','S') AND ${schemas} AND a.grantee <> c.relowner
UNION ALL
SELECT 'TABLE', ${named("n.nspname", "c.relname")}, quote_ident(t.attname), ${grantee}, a.privilege_type, a.is_grantable
FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace, LATERAL aclexplode(t.attacl) a
WHERE t.attacl IS NOT NULL AND NOT t.attisdropped AND ${schemas} AND a.grantee <> c.relowner
UNION ALL
SELECT 'SCHEMA', quote_ident(n.nspname), '', ${grantee}, a.privilege_type, a.is_grantable
FROM pg_namespace n, LATERAL aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
WHERE ${schemas} AND a.grantee <> n.nspowner
UNION ALL
SELECT 'ROUTINE', ${named("n.nspname", "f.proname")} || '(' || pg_get_function_identity_arguments(f.oid) || ')', '', ${grantee},
  a.privilege_type, a.is_grantable
FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace, LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a
WHERE ${schemas} AND a.grantee <> f.proowner AND ${notOfExtension("pg_proc", "f.oid")}
ORDER BY 1, 2, 3, 4, 5`;

export const defaultGrantsQuery = `
SELECT coalesce(quote_ident(n.nspname), '(all schemas)') AS name, pg_get_userbyid(d.defaclrole) AS owner, d.defaclobjtype::text AS type,
  d.defaclacl::text AS def
FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace ORDER BY 1, 2, 3`;
