// STAND-IN for SQL Server: functions that ask about the server, databases, objects and rights.
import { Cursor } from "../sql/cursor.ts";
import { int, nvarchar, smallint, sysname, variant, type SqlValue } from "../sql/types.ts";
import { fullName } from "./catalog.ts";
import type { ScalarFunction } from "./compile-call.ts";
import { findTable, sameName } from "./database.ts";
import { hasDatabasePermission, hasServerPermission, inServerRole, loginId, mayOpen, maySee } from "./permissions.ts";
import { serverProperty } from "./server-properties.ts";
import type { Session } from "./session.ts";
import { SqlError } from "./sql-error.ts";
import { asText } from "./values.ts";

function text(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : asText(value);
}

/** A name as written in SQL, cut into its parts; null when it is none. */
function nameParts(written: string): string[] | null {
  try {
    const cursor = new Cursor(written);
    const parts = cursor.names();
    return cursor.atEnd ? parts : null;
  } catch (error) {
    if (error instanceof SqlError) return null;
    throw error;
  }
}

function databaseId(name: string | null, session: Session): number | null {
  if (name === null) return null;
  const database = session.server.store.find(name);
  return database !== undefined && maySee(session, database) ? database.id : null;
}

function hasPermission(values: readonly SqlValue[], session: Session): number | null {
  const [securable, kind, permission] = values.map(text);
  if (permission === null || permission === undefined) return null;
  if (kind === null || kind === undefined) {
    if (session.server.variant() === "azure") return null;
    return hasServerPermission(session, permission) ? 1 : 0;
  }
  const parts = securable === null || securable === undefined ? [] : nameParts(securable);
  if (parts === null) return null;
  if (sameName(kind, "DATABASE")) {
    const database = parts[0] === undefined ? session.database : session.server.store.find(parts[0]);
    return database === undefined ? null : Number(hasDatabasePermission(session, permission, database));
  }
  if (sameName(kind, "SCHEMA")) return Number(hasDatabasePermission(session, permission, session.database));
  if (!sameName(kind, "OBJECT") || objectId(parts, session) === null) return null;
  return Number(hasDatabasePermission(session, permission, fullName(parts, session).database));
}

function objectId(parts: readonly string[], session: Session): number | null {
  const [name = "", schema = "", databaseName = ""] = [...parts].reverse();
  const database = databaseName === "" ? session.database : session.server.store.find(databaseName);
  if (database === undefined || !mayOpen(session, database)) return null;
  return findTable(database.content, schema, name)?.objectId ?? null;
}

export const catalogFunctions: Record<string, ScalarFunction> = {
  SERVERPROPERTY: {
    type: variant,
    count: [1, 1],
    evaluate: ([name], session) => serverProperty(text(name) ?? "", session.server),
  },
  DB_ID: {
    type: smallint,
    count: [0, 1],
    evaluate: (values, session) => (values.length === 0 ? session.database.id : databaseId(text(values[0]), session)),
  },
  DB_NAME: {
    type: sysname,
    count: [0, 1],
    evaluate: (values, session) => {
      if (values.length === 0) return session.database.name;
      const database = session.server.store.byId(Number(values[0]));
      return values[0] !== null && database !== undefined && maySee(session, database) ? database.name : null;
    },
  },
  OBJECT_ID: {
    type: int,
    count: [1, 2],
    evaluate: ([name, kind], session) => {
      const parts = nameParts(text(name) ?? "");
      const table = kind === undefined || sameName(text(kind) ?? "", "U");
      return parts === null || !table ? null : objectId(parts, session);
    },
  },
  SCHEMA_NAME: { type: sysname, count: [0, 1], evaluate: () => "dbo" },
  HAS_PERMS_BY_NAME: { type: int, count: [3, 5], evaluate: hasPermission },
  HAS_DBACCESS: {
    type: int,
    count: [1, 1],
    evaluate: ([name], session) => {
      const database = session.server.store.find(text(name) ?? "");
      return database === undefined ? null : Number(database.state === "ONLINE" && mayOpen(session, database));
    },
  },
  IS_SRVROLEMEMBER: {
    type: int,
    count: [1, 2],
    evaluate: ([role], session) => inServerRole(session.login, text(role) ?? ""),
  },
  SUSER_ID: {
    type: int,
    count: [0, 1],
    evaluate: (values, session) => loginId(session.server, text(values[0]) ?? session.login.user),
  },
  SUSER_SNAME: { type: nvarchar(128), count: [0, 1], evaluate: (_values, session) => session.login.user },
  SUSER_NAME: { type: nvarchar(128), count: [0, 1], evaluate: (_values, session) => session.login.user },
  ORIGINAL_LOGIN: { type: nvarchar(128), count: [0, 0], evaluate: (_values, session) => session.login.user },
  APP_NAME: { type: nvarchar(128), count: [0, 0], evaluate: (_values, session) => session.application },
  HOST_NAME: { type: nvarchar(128), count: [0, 0], evaluate: (_values, session) => session.hostName },
};
