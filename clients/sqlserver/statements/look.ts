// Statements that only look. None of them needs a parameter in its text.
import { quoteIdentifier } from "../quoting.ts";
import type { Statement } from "./statement.ts";

export interface ServerFactsRow {
  /** 2 Standard, 3 Enterprise, 4 Express, 5 Azure SQL Database, 8 Managed Instance, 9 Edge. */
  edition: number;
  edition_name: string;
  version: string;
  major: number;
  data_path: string | null;
  log_path: string | null;
  /** Not null on Amazon RDS, whose own database this is. */
  rds: number | null;
  /** Minutes by which the server's local time is ahead of UTC. */
  offset_minutes: number;
  /** The server's clock, UTC. */
  now: Date;
}
/** Any database. */
export const serverFacts: Statement<ServerFactsRow> = {
  sql: `SELECT CAST(SERVERPROPERTY('EngineEdition') AS int) AS edition, CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS edition_name, CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version, CAST(SERVERPROPERTY('ProductMajorVersion') AS int) AS major, CAST(SERVERPROPERTY('InstanceDefaultDataPath') AS nvarchar(512)) AS data_path, CAST(SERVERPROPERTY('InstanceDefaultLogPath') AS nvarchar(512)) AS log_path, DB_ID(N'rdsadmin') AS rds, DATEDIFF(minute, SYSUTCDATETIME(), SYSDATETIME()) AS offset_minutes, SYSUTCDATETIME() AS now`,
  source: "facts/domain.md E; SQL:t-sql/functions/serverproperty-transact-sql.md",
};

/** master, not on Azure SQL Database. Google Cloud SQL gives its customers this server role instead of sysadmin. */
export const googleRole: Statement<{ id: number | null }> = {
  sql: `SELECT SUSER_ID(N'CustomerDbRootRole') AS id`,
  source:
    "cloud.google.com/sql/docs/sqlserver/users (role CustomerDbRootRole); SQL:t-sql/functions/suser-id-transact-sql.md",
};

/** Any database. What the server calls itself; each may be null. Two instances of one machine share `machine_name`. */
export const serverNames: Statement<{ name: string | null; server_name: string | null; machine_name: string | null }> =
  {
    sql: `SELECT @@SERVERNAME AS name, CAST(SERVERPROPERTY('ServerName') AS nvarchar(128)) AS server_name, CAST(SERVERPROPERTY('MachineName') AS nvarchar(128)) AS machine_name`,
    source: "SQL:t-sql/functions/servername-transact-sql.md; SQL:t-sql/functions/serverproperty-transact-sql.md",
  };

export interface ServerRightsRow {
  sees_all: number | null;
  sees_requests: number | null;
  may_create_any: number | null;
  may_create: number | null;
}
/** master, not on Azure SQL Database. VERIFYONLY, HEADERONLY, FILELISTONLY and RESTORE need one of the last two. */
export const serverRights: Statement<ServerRightsRow> = {
  sql: `SELECT HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW ANY DATABASE') AS sees_all, HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE') AS sees_requests, HAS_PERMS_BY_NAME(NULL, NULL, N'CREATE ANY DATABASE') AS may_create_any, HAS_PERMS_BY_NAME(N'master', N'DATABASE', N'CREATE DATABASE') AS may_create`,
  source: "facts/domain.md C1, C3, E; SQL:t-sql/functions/has-perms-by-name-transact-sql.md",
};

/** master of an Azure SQL Database: there only the class DATABASE can be asked. */
export const azureRights: Statement<{ may_create: number | null }> = {
  sql: `SELECT HAS_PERMS_BY_NAME(NULL, N'DATABASE', N'CREATE DATABASE') AS may_create`,
  source: "AZ:database/database-copy.md; SQL:t-sql/functions/has-perms-by-name-transact-sql.md",
};

export interface DatabaseRightsRow {
  may_open: number | null;
  may_back_up: number | null;
  may_select: number | null;
}
/** master, not on Azure SQL Database. */
export function databaseRights(database: string): Statement<DatabaseRightsRow> {
  return {
    sql: `SELECT HAS_DBACCESS(@database) AS may_open, HAS_PERMS_BY_NAME(@securable, N'DATABASE', N'BACKUP DATABASE') AS may_back_up, HAS_PERMS_BY_NAME(@securable, N'DATABASE', N'SELECT') AS may_select`,
    parameters: { database, securable: quoteIdentifier(database) },
    source: "facts/domain.md C2; SQL:t-sql/functions/has-perms-by-name-transact-sql.md",
  };
}

export interface DatabaseRow {
  name: string;
  state_desc: string;
  recovery_model_desc: string | null;
  user_access_desc: string | null;
  is_read_only: boolean;
  is_encrypted: boolean | null;
  create_date: Date;
}
const databaseColumns =
  "SELECT d.name, d.state_desc, d.recovery_model_desc, d.user_access_desc, d.is_read_only, d.is_encrypted, d.create_date FROM sys.databases d WHERE d.source_database_id IS NULL AND";

/** master. `pattern` as of LIKE: `Interaction[_]%`, made with escapeLike. Upper and lower case as the server's collation says. */
export function databasesLike(pattern: string): Statement<DatabaseRow> {
  return {
    sql: `${databaseColumns} d.name LIKE @pattern ORDER BY d.name`,
    parameters: { pattern },
    source: "facts/domain.md C1, E; SQL:t-sql/language-elements/like-transact-sql.md",
  };
}

/** master. No row or one. */
export function databaseNamed(database: string): Statement<DatabaseRow> {
  return { sql: `${databaseColumns} d.name = @database`, parameters: { database }, source: "facts/domain.md C1, E" };
}

/** Any database. Null: there is none of this name, or the login cannot see it (facts/domain.md C3: asked right before RESTORE). */
export function databaseId(database: string): Statement<{ id: number | null }> {
  return {
    sql: `SELECT DB_ID(@database) AS id`,
    parameters: { database },
    source: "facts/domain.md C3; SQL:t-sql/functions/db-id-transact-sql.md",
  };
}

/** master. Files of a database; `size` in pages of 8 KiB. `type`: 0 rows, 1 log, 2 FILESTREAM, 4 full-text. */
export function databaseFiles(
  database: string,
): Statement<{ name: string; physical_name: string; type: number; size: number }> {
  return {
    sql: `SELECT f.name, f.physical_name, f.type, f.size FROM sys.master_files f WHERE f.database_id = DB_ID(@database) ORDER BY f.file_id`,
    parameters: { database },
    source: "SQL:relational-databases/system-catalog-views/sys-master-files-transact-sql.md",
  };
}

/** master. Whether a file already belongs to a database: RESTORE ... MOVE must not name it. */
export function fileOwner(path: string): Statement<{ database: string | null }> {
  return {
    sql: `SELECT DB_NAME(f.database_id) AS [database] FROM sys.master_files f WHERE f.physical_name = @path`,
    parameters: { path },
    source: "SQL:relational-databases/system-catalog-views/sys-master-files-transact-sql.md",
  };
}

/** The database itself. Rows per table as the partitions count them; bigint comes as text. */
export const rowCounts: Statement<{ schema: string; table: string; rows: string | number }> = {
  sql: `SELECT s.name AS [schema], t.name AS [table], SUM(p.rows) AS [rows] FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id JOIN sys.partitions p ON p.object_id = t.object_id WHERE p.index_id IN (0, 1) AND t.is_ms_shipped = 0 GROUP BY s.name, t.name ORDER BY s.name, t.name`,
  source: "SQL:relational-databases/system-catalog-views/sys-partitions-transact-sql.md",
};

export interface RunningRequestRow {
  session_id: number;
  /** `BACKUP DATABASE`, `RESTORE DATABASE`, `RESTORE VERIFYONLY`, ... */
  command: string;
  percent_complete: number;
  /** Milliseconds that are left, as the server guesses. */
  estimated_completion_time: string | number;
}
/** master. Needs VIEW SERVER STATE, otherwise only the own session is shown. Our sessions carry the work's name as program_name. */
export function requestsOf(program: string): Statement<RunningRequestRow> {
  return {
    sql: `SELECT r.session_id, r.command, r.percent_complete, r.estimated_completion_time FROM sys.dm_exec_requests r JOIN sys.dm_exec_sessions s ON s.session_id = r.session_id WHERE s.program_name = @program ORDER BY r.session_id`,
    parameters: { program },
    source:
      "facts/domain.md C3, E; SQL:relational-databases/system-dynamic-management-views/sys-dm-exec-requests-transact-sql.md",
  };
}

/** master. Sessions of users that are in a database, with what runs them. Needs VIEW SERVER STATE. */
export function sessionsIn(database: string): Statement<{ session_id: number; program_name: string | null }> {
  return {
    sql: `SELECT s.session_id, s.program_name FROM sys.dm_exec_sessions s WHERE s.is_user_process = 1 AND s.database_id = DB_ID(@database) ORDER BY s.session_id`,
    parameters: { database },
    source: "SQL:relational-databases/system-dynamic-management-views/sys-dm-exec-sessions-transact-sql.md",
  };
}
