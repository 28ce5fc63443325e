// STAND-IN for SQL Server: what msdb remembers: backups, and the tasks of managed variants.
import type { DatabaseFile } from "./database.ts";

/** One row of msdb.dbo.backupset and its media family. */
export interface BackupSet {
  id: number;
  guid: string;
  name: string | null;
  databaseName: string;
  familyGuid: string;
  serverName: string;
  position: number;
  copyOnly: boolean;
  checksums: boolean;
  compressed: boolean;
  recoveryModel: string;
  /** UTC, ISO 8601. */
  startedAt: string;
  finishedAt: string;
  databaseCreatedAt: string;
  majorVersion: number;
  size: number;
  compressedSize: number;
  user: string;
  device: string;
  files: DatabaseFile[];
}

/** A task of RDS' procedures, or a copy of Azure SQL Database. */
export interface ManagedTask {
  id: number;
  type: "BACKUP_DB" | "RESTORE_DB" | "COPY_DB";
  database: string;
  /** Object of the backup, or the copied database. */
  subject: string;
  lifecycle: "CREATED" | "IN_PROGRESS" | "SUCCESS" | "ERROR";
  percent: number;
  information: string;
  /** UTC, ISO 8601. */
  createdAt: string;
  updatedAt: string;
  /** Whether an existing object may be overwritten. */
  overwrite: boolean;
}
