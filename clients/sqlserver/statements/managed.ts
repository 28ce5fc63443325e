// What takes the place of BACKUP and RESTORE on Amazon RDS and Azure SQL Database.
import { quoteIdentifier } from "../quoting.ts";
import type { Statement } from "./statement.ts";

const rdsPage = "facts/domain.md C4; RDS user guide, SQLServer.Procedural.Importing.md";

export interface RdsTaskRow {
  task_id: number;
  /** BACKUP_DB, RESTORE_DB, ... */
  task_type: string;
  database_name: string | null;
  "% complete": number | null;
  /** CREATED, IN_PROGRESS, SUCCESS, ERROR, CANCEL_REQUESTED, CANCELLED. */
  lifecycle: string;
  task_info: string | null;
  created_at: Date;
  last_updated: Date;
  S3_object_arn: string | null;
}

/** Any database. Starts a task and returns it. An existing object is never overwritten. */
export function rdsBackUp(database: string, objectArn: string): Statement<{ task_id: number }> {
  return {
    sql: `EXEC msdb.dbo.rds_backup_database @source_db_name = @database, @s3_arn_to_backup_to = @arn, @overwrite_s3_backup_file = 0, @type = N'FULL'`,
    parameters: { database, arn: objectArn },
    source: rdsPage,
  };
}

/** Any database. Starts a task that restores into a database which must not exist. */
export function rdsRestore(target: string, objectArn: string): Statement<{ task_id: number }> {
  return {
    sql: `EXEC msdb.dbo.rds_restore_database @restore_db_name = @target, @s3_arn_to_restore_from = @arn`,
    parameters: { target, arn: objectArn },
    source: rdsPage,
  };
}

/** Any database. Tasks of the last 36 days for one database name; their state is renewed about every two minutes. */
export function rdsTasks(database: string): Statement<RdsTaskRow> {
  return {
    sql: `EXEC msdb.dbo.rds_task_status @db_name = @database`,
    parameters: { database },
    source: rdsPage,
  };
}

/** Any database. */
export function rdsRename(from: string, to: string): Statement {
  return {
    sql: `EXEC rdsadmin.dbo.rds_modify_db_name @from, @to`,
    parameters: { from, to },
    source: "RDS user guide, Appendix.SQLServer.CommonDBATasks.RenamingDB",
  };
}

/** Any database. Only for copies that the product made itself. */
export function rdsDrop(database: string): Statement {
  return {
    sql: `EXEC msdb.dbo.rds_drop_database @database`,
    parameters: { database },
    source: "RDS user guide, Appendix.SQLServer.CommonDBATasks.DropMirrorDB",
  };
}

/** master of an Azure SQL Database. Goes on when the connection is lost; only DROP DATABASE ends it. */
export function azureCopy(source: string, copy: string): Statement {
  return {
    sql: `CREATE DATABASE ${quoteIdentifier(copy)} AS COPY OF ${quoteIdentifier(source)}`,
    source: "facts/domain.md C4; AZ:database/database-copy.md",
  };
}

export interface AzureCopyRow {
  name: string;
  /** COPYING, ONLINE, SUSPECT, ... */
  state_desc: string;
  create_date: Date;
  /** Null when no copy is under way, or it is over. */
  percent_complete: number | null;
  error_code: number | null;
  error_desc: string | null;
}
/** master of an Azure SQL Database. No row: there is no database of that name. */
export function azureCopyState(copy: string): Statement<AzureCopyRow> {
  return {
    sql: `SELECT d.name, d.state_desc, d.create_date, c.percent_complete, c.error_code, c.error_desc FROM sys.databases d LEFT JOIN sys.dm_database_copies c ON c.database_id = d.database_id WHERE d.name = @copy`,
    parameters: { copy },
    source:
      "AZ:database/database-copy.md; SQL:relational-databases/system-dynamic-management-views/sys-dm-database-copies-azure-sql-database.md",
  };
}
