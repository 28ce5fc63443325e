import { statfs } from "node:fs/promises";
import type { Postgres } from "../../clients/contracts.ts";

/** What a role may do with a database that shall be replaced. */
export interface RestoreRights {
  user: string;
  superuser: boolean;
  createDatabase: boolean;
  /** Member of the database's owner. */
  owns: boolean;
  owner: string;
  /** May end sessions of other ordinary roles. */
  signals: boolean;
  /** Roles with open sessions that are not this role's; `superuser`: only a superuser ends those. */
  sessions: { role: string; superuser: boolean }[];
  /** Roles with settings of their own in this database. */
  settingsOf: string[];
  bytes: number;
}

/** Reads them by a connection to another database of the same server; null when the database is not there. */
export async function readRestoreRights(server: Postgres, database: string): Promise<RestoreRights | null> {
  const [row] = await server.query<Omit<RestoreRights, "sessions" | "settingsOf" | "bytes"> & { bytes: string }>(
    `SELECT r.rolname AS "user", r.rolsuper AS superuser, r.rolcreatedb AS "createDatabase",
            pg_has_role(d.datdba, 'USAGE') AS owns, pg_get_userbyid(d.datdba) AS owner,
            pg_has_role('pg_signal_backend', 'USAGE') AS signals,
            CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid) ELSE 0 END::text AS bytes
       FROM pg_database d, pg_roles r WHERE d.datname = $1 AND r.rolname = current_user`,
    [database],
  );
  if (row === undefined) return null;
  const sessions = await server.query<{ role: string; superuser: boolean }>(
    `SELECT DISTINCT r.rolname AS role, r.rolsuper AS superuser
       FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
      WHERE a.datname = $1 AND NOT pg_has_role(a.usesysid, 'USAGE')`,
    [database],
  );
  const settings = await server.query<{ role: string }>(
    `SELECT pg_get_userbyid(s.setrole) AS role FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
      WHERE d.datname = $1 AND s.setrole <> 0 AND pg_get_userbyid(s.setrole) <> current_user`,
    [database],
  );
  return { ...row, bytes: Number(row.bytes), sessions, settingsOf: settings.map(({ role }) => role) };
}

/** The rights that are missing, each with what grants it; pure. Empty: it may. */
export function missingRights(rights: RestoreRights): string[] {
  if (rights.superuser) return [];
  const { user, owner, sessions, settingsOf } = rights;
  const others = sessions.filter((session) => !session.superuser).map((session) => session.role);
  const superusers = sessions.filter((session) => session.superuser).map((session) => session.role);
  return [
    ...(rights.createDatabase ? [] : [`${user} may not create databases: ALTER ROLE ${user} CREATEDB`]),
    ...(rights.owns ? [] : [`${user} does not own the database: GRANT ${owner} TO ${user}`]),
    ...(others.length === 0 || rights.signals
      ? []
      : [`${user} may not end sessions of ${others.join(", ")}: GRANT pg_signal_backend TO ${user}`]),
    ...(superusers.length === 0 ? [] : [`sessions of the superuser ${superusers.join(", ")} have to be closed first`]),
    ...(settingsOf.length === 0
      ? []
      : [`${user} may not set what ${settingsOf.join(", ")} have set in this database: a superuser is needed`]),
  ];
}

/**
 * Free bytes of the server's data disk; null where it cannot be told: PostgreSQL does not say, so only a server on this machine whose
 * data folder the role may name can be looked at.
 */
export async function freeBytesOf(server: Postgres, host: string): Promise<number | null> {
  if (!["localhost", "127.0.0.1", "::1"].includes(host) && !host.startsWith("/")) return null;
  try {
    const [row] = await server.query<{ folder: string }>("SELECT current_setting('data_directory') AS folder");
    if (row === undefined) return null;
    const { bavail, bsize } = await statfs(row.folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
