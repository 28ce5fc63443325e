import type { Postgres } from "../../clients/contracts.ts";
import { quoteIdentifier, quoteLiteral } from "../../clients/sql-quoting.ts";

/** What belongs to a database itself and is in no dump of it: read from the old one, given to the new one. */
export interface DatabaseProperties {
  owner: string;
  encoding: string;
  collate: string;
  characterType: string;
  /** `c` libc, `i` ICU, `b` builtin; null before PostgreSQL 15. */
  provider: string | null;
  locale: string | null;
  rules: string | null;
  tablespace: string;
  connectionLimit: number;
  comment: string | null;
  /** Null: the default privileges. `grantee` null: everybody. */
  grants: { grantee: string | null; privilege: string; grantable: boolean }[] | null;
  /** `ALTER DATABASE ... SET`; with `role`: `ALTER ROLE ... IN DATABASE ... SET`. */
  settings: { role: string | null; name: string; value: string }[];
}

/** Reads them by a connection to another database of the same server. */
export async function readProperties(server: Postgres, database: string): Promise<DatabaseProperties> {
  // As JSON, because the names of some columns differ between PostgreSQL's versions.
  const [row] = await server.query<{
    db: Record<string, unknown>;
    owner: string;
    encoding: string;
    tablespace: string;
    comment: string | null;
  }>(
    `SELECT to_jsonb(d) - 'datacl' AS db, pg_get_userbyid(d.datdba) AS owner, pg_encoding_to_char(d.encoding) AS encoding,
            t.spcname AS tablespace, shobj_description(d.oid, 'pg_database') AS comment
       FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = $1`,
    [database],
  );
  if (row === undefined) throw new Error(`there is no database ${database}`);
  const grants = await server.query<{ grantee: string | null; privilege: string; grantable: boolean }>(
    `SELECT CASE a.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END AS grantee,
            a.privilege_type AS privilege, a.is_grantable AS grantable
       FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = $1`,
    [database],
  );
  const [acl] = await server.query<{ none: boolean }>(
    "SELECT datacl IS NULL AS none FROM pg_database WHERE datname = $1",
    [database],
  );
  const settings = await server.query<{ role: string | null; setting: string }>(
    `SELECT CASE s.setrole WHEN 0 THEN NULL ELSE pg_get_userbyid(s.setrole) END AS role, unnest(s.setconfig) AS setting
       FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = $1`,
    [database],
  );
  const text = (...names: string[]): string | null => {
    const value = names.map((name) => row.db[name]).find((found) => typeof found === "string");
    return typeof value === "string" ? value : null;
  };
  return {
    owner: row.owner,
    encoding: row.encoding,
    collate: text("datcollate") ?? "C",
    characterType: text("datctype") ?? "C",
    provider: text("datlocprovider"),
    locale: text("datlocale", "daticulocale"),
    rules: text("daticurules"),
    tablespace: row.tablespace,
    connectionLimit: Number(row.db["datconnlimit"] ?? -1),
    comment: row.comment,
    grants: acl?.none === true ? null : grants,
    settings: settings.map(({ role, setting }) => {
      const at = setting.indexOf("=");
      return { role, name: setting.slice(0, at), value: setting.slice(at + 1) };
    }),
  };
}

/** The statement that makes an empty database of the same kind; pure. */
export function createStatement(name: string, like: DatabaseProperties): string {
  const parts = [
    `CREATE DATABASE ${quoteIdentifier(name)} WITH OWNER ${quoteIdentifier(like.owner)} TEMPLATE template0`,
    `ENCODING ${quoteLiteral(like.encoding)}`,
    `LC_COLLATE ${quoteLiteral(like.collate)} LC_CTYPE ${quoteLiteral(like.characterType)}`,
  ];
  if (like.provider === "i" && like.locale !== null) {
    parts.push(`LOCALE_PROVIDER icu ICU_LOCALE ${quoteLiteral(like.locale)}`);
    if (like.rules !== null) parts.push(`ICU_RULES ${quoteLiteral(like.rules)}`);
  }
  if (like.provider === "b" && like.locale !== null) {
    parts.push(`LOCALE_PROVIDER builtin BUILTIN_LOCALE ${quoteLiteral(like.locale)}`);
  }
  // Naming the usual one would ask for a right on it that an ordinary owner does not have.
  if (like.tablespace !== "pg_default") parts.push(`TABLESPACE ${quoteIdentifier(like.tablespace)}`);
  parts.push(`CONNECTION LIMIT ${like.connectionLimit}`);
  return parts.join(" ");
}

/** The statements that give it the same comment and privileges; pure. */
export function privilegeStatements(name: string, like: DatabaseProperties): string[] {
  const on = `DATABASE ${quoteIdentifier(name)}`;
  const comment = like.comment === null ? [] : [`COMMENT ON ${on} IS ${quoteLiteral(like.comment)}`];
  if (like.grants === null) return comment;
  const grants = like.grants.map(({ grantee, privilege, grantable }) => {
    // A word that PostgreSQL itself gave (CONNECT, CREATE, TEMPORARY): nothing else may reach the statement.
    if (!/^[A-Z ]+$/.test(privilege)) throw new Error(`unexpected privilege ${privilege}`);
    const to = grantee === null ? "PUBLIC" : quoteIdentifier(grantee);
    return `GRANT ${privilege} ON ${on} TO ${to}${grantable ? " WITH GRANT OPTION" : ""}`;
  });
  return [...comment, `REVOKE ALL ON ${on} FROM PUBLIC, ${quoteIdentifier(like.owner)}`, ...grants];
}

/** Makes the database with owner, locale, privileges and settings of the old one. Fails as PostgreSQL does, with its error. */
export async function createLike(server: Postgres, name: string, like: DatabaseProperties): Promise<void> {
  await server.query(createStatement(name, like));
  for (const statement of privilegeStatements(name, like)) await server.query(statement);
  for (const setting of like.settings) await copySetting(server, name, setting);
}

/** By `FROM CURRENT`: lists such as search_path keep their exact form, which a literal would not. */
async function copySetting(
  server: Postgres,
  database: string,
  setting: DatabaseProperties["settings"][number],
): Promise<void> {
  const of =
    setting.role === null
      ? `DATABASE ${quoteIdentifier(database)}`
      : `ROLE ${quoteIdentifier(setting.role)} IN DATABASE ${quoteIdentifier(database)}`;
  const name = setting.name.split(".").map(quoteIdentifier).join(".");
  await server.query("BEGIN");
  try {
    await server.query("SELECT set_config($1, $2, true)", [setting.name, setting.value]);
    await server.query(`ALTER ${of} SET ${name} FROM CURRENT`);
    await server.query("COMMIT");
  } catch {
    await server.query("ROLLBACK");
    // Some settings can be chosen at the beginning of a session only.
    await server.query(`ALTER ${of} SET ${name} = ${quoteLiteral(setting.value)}`);
  }
}
