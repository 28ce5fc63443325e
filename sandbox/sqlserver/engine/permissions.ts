// STAND-IN for SQL Server: who may do what. Only the permissions that the product's statements need.
import type { SqlServerLogin } from "../contracts.ts";
import { sameName, type Database } from "./database.ts";
import type { Server, Session } from "./session.ts";
import { SqlError } from "./sql-error.ts";
import { rdsDatabase } from "./store.ts";

type Who = Pick<Session, "login" | "server">;

function taken(who: Who, permission: string): boolean {
  const same = (fault: { permission: string; user?: string }): boolean =>
    sameName(fault.permission, permission) && (fault.user === undefined || sameName(fault.user, who.login.user));
  return who.server.faults.find("permissionMissing", same) !== undefined;
}

function isSysadmin(login: SqlServerLogin): boolean {
  return login.serverRoles?.includes("sysadmin") === true;
}

/** A permission on the server, such as VIEW ANY DATABASE. */
export function hasServerPermission(who: Who, permission: string): boolean {
  const name = permission.toUpperCase();
  if (taken(who, name)) return false;
  if (name === "CREATE ANY DATABASE" && taken(who, "CREATE DATABASE")) return false;
  if (isSysadmin(who.login)) return true;
  if (who.login.serverPermissions?.some((each) => sameName(each, name)) === true) return true;
  if (name === "VIEW ANY DATABASE") return who.login.viewAnyDatabase !== false;
  const creates = name === "CREATE ANY DATABASE" || name === "ALTER ANY DATABASE";
  return creates && who.login.serverRoles?.includes("dbcreator") === true;
}

/** CREATE DATABASE in master or CREATE ANY DATABASE on the server: RESTORE and its questions need it too. */
export function mayCreateDatabases(who: Who): boolean {
  if (taken(who, "CREATE DATABASE")) return false;
  return hasServerPermission(who, "CREATE ANY DATABASE") || hasServerPermission(who, "CREATE DATABASE");
}

const rolePermissions: Record<string, readonly string[]> = {
  db_backupoperator: ["BACKUP DATABASE", "BACKUP LOG"],
  db_datareader: ["SELECT"],
  db_datawriter: ["INSERT", "UPDATE", "DELETE"],
  db_ddladmin: ["CREATE TABLE", "ALTER"],
};

function rolesIn(login: SqlServerLogin, database: Database): readonly string[] {
  const entries = Object.entries(login.databases ?? {});
  const roles = entries.filter(([name]) => sameName(name, database.name) || (name === "*" && !database.system));
  return [...roles.flatMap(([, each]) => each), ...(sameName(database.owner, login.user) ? ["db_owner"] : [])];
}

/** A permission in a database, such as BACKUP DATABASE or SELECT. */
export function hasDatabasePermission(who: Who, permission: string, database: Database): boolean {
  const name = permission.toUpperCase();
  if (taken(who, name)) return false;
  if (isSysadmin(who.login)) return true;
  if (name === "CREATE DATABASE") return sameName(database.name, "master") && mayCreateDatabases(who);
  return rolesIn(who.login, database).some(
    (role) => role === "db_owner" || rolePermissions[role]?.includes(name) === true,
  );
}

/** Whether the login has a user in the database. Everybody is in the system databases. */
export function mayOpen(who: Who, database: Database): boolean {
  return database.system || isSysadmin(who.login) || rolesIn(who.login, database).length > 0;
}

/** Whether sys.databases and DB_ID show it. On Azure SQL Database a user database shows itself and master only. */
export function maySee(session: Session, database: Database): boolean {
  if (database.name === rdsDatabase && session.server.variant() !== "rds") return false;
  if (database === session.database) return true;
  if (session.server.variant() === "azure" && !sameName(session.database.name, "master")) {
    return sameName(database.name, "master");
  }
  if (sameName(database.name, "master") || sameName(database.name, "tempdb")) return true;
  if (["VIEW ANY DATABASE", "ALTER ANY DATABASE"].some((each) => hasServerPermission(session, each))) return true;
  return mayCreateDatabases(session) || sameName(database.owner, session.login.user);
}

/** Is a member of a fixed server role; null for a role that does not exist. */
export function inServerRole(login: SqlServerLogin, role: string): number | null {
  if (sameName(role, "sysadmin")) return isSysadmin(login) ? 1 : 0;
  if (sameName(role, "dbcreator")) return login.serverRoles?.includes("dbcreator") === true ? 1 : 0;
  return sameName(role, "public") ? 1 : null;
}

/** @throws SqlError 229 without the permission on a table. */
export function requireOnTable(
  session: Session,
  permission: string,
  database: Database,
  schema: string,
  table: string,
): void {
  if (hasDatabasePermission(session, permission, database)) return;
  throw new SqlError(
    229,
    `The ${permission} permission was denied on the object '${table}', database '${database.name}', schema '${schema}'.`,
    14,
  );
}

/** @throws SqlError 262. */
export function requireInDatabase(session: Session, permission: string, database: Database): void {
  if (hasDatabasePermission(session, permission, database)) return;
  throw new SqlError(262, `${permission} permission denied in database '${database.name}'.`, 14);
}

/** Numbers of logins as SUSER_ID gives them; Cloud SQL has a role in sysadmin's place. */
export function loginId(server: Server, name: string): number | null {
  if (sameName(name, "sa")) return 1;
  if (server.variant() === "cloudSql" && sameName(name, "CustomerDbRootRole")) return 268;
  const index = server.logins.findIndex((login) => sameName(login.user, name));
  return index < 0 ? null : 259 + index;
}
