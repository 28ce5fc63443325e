// BACKUP and what proves it. COPY_ONLY and CHECKSUM cannot be left out; FORMAT and INIT do not exist here, so that no BACKUP can
// overwrite a file: on an existing one it appends or fails, and HEADERONLY then shows more than one set.
import { quoteIdentifier, quoteLiteral } from "../quoting.ts";
import type { BackupDevice, Statement } from "./statement.ts";

const backupPage = "facts/domain.md C2, E; SQL:t-sql/statements/backup-transact-sql.md";
const restorePages = "facts/domain.md C3, E; SQL:t-sql/statements/restore-statements";

/** `DISK = N'...'` or `URL = N'...'`. */
export function deviceText(device: BackupDevice): string {
  return `${device.kind === "disk" ? "DISK" : "URL"} = ${quoteLiteral(device.path)}`;
}

/** master. Not inside a transaction, never with a time limit. */
export function backUpDatabase(input: {
  database: string;
  device: BackupDevice;
  /** Name of the backup set, at most 128 characters: by it an interrupted BACKUP is found again. */
  name: string;
  /** At most 255 characters; what the header then shows as BackupDescription. */
  description: string;
  /** Refused by Express, error 1844. */
  compression: boolean;
}): Statement {
  const compression = input.compression ? "COMPRESSION" : "NO_COMPRESSION";
  return {
    sql: `BACKUP DATABASE ${quoteIdentifier(input.database)} TO ${deviceText(input.device)} WITH COPY_ONLY, CHECKSUM, ${compression}, NAME = ${quoteLiteral(input.name)}, DESCRIPTION = ${quoteLiteral(input.description)}, STATS = 5`,
    source: backupPage,
  };
}

/** master. Reads all of the backup and compares every checksum; errors when it is not good. */
export function verifyBackup(device: BackupDevice): Statement {
  return {
    sql: `RESTORE VERIFYONLY FROM ${deviceText(device)} WITH CHECKSUM, STATS = 10`,
    source: `${restorePages}-verifyonly-transact-sql.md`,
  };
}

/** Only the columns that are used; the server sends about fifty. bigint comes as text, dates are the server's local time. */
export interface BackupHeaderRow {
  BackupName: string | null;
  BackupDescription: string | null;
  /** 1: full. */
  BackupType: number;
  Position: number;
  DatabaseName: string;
  BackupSize: string | number;
  CompressedBackupSize: string | number | null;
  BackupStartDate: Date;
  BackupFinishDate: Date;
  SoftwareVersionMajor: number;
  HasBackupChecksums: boolean;
  IsDamaged: boolean;
  IsCopyOnly: boolean;
  BackupSetGUID: string;
  FamilyGUID: string;
}
/** master. One row per backup set on the device. */
export function backupHeader(device: BackupDevice): Statement<BackupHeaderRow> {
  return {
    sql: `RESTORE HEADERONLY FROM ${deviceText(device)}`,
    source: `${restorePages}-headeronly-transact-sql.md`,
  };
}

export interface BackupFileRow {
  LogicalName: string;
  PhysicalName: string;
  /** D data, L log, F full-text, S FILESTREAM. */
  Type: string;
  Size: string | number;
  TDEThumbprint: Buffer | null;
}
/** master. Files of the database in the first backup set. */
export function backupFiles(device: BackupDevice): Statement<BackupFileRow> {
  return {
    sql: `RESTORE FILELISTONLY FROM ${deviceText(device)}`,
    source: `${restorePages}-filelistonly-transact-sql.md`,
  };
}

export interface BackupSetRow {
  backup_set_uuid: string;
  /** Null while nothing finished. Server's local time. */
  backup_finish_date: Date | null;
  /** D: full. */
  type: string;
  is_damaged: boolean;
  physical_device_name: string | null;
}
/** Any database but on Azure SQL Database. Newest first. Error 229 when the login may not read msdb. */
export function backupSetNamed(name: string, database: string): Statement<BackupSetRow> {
  return {
    sql: `SELECT b.backup_set_uuid, b.backup_finish_date, b.type, b.is_damaged, m.physical_device_name FROM msdb.dbo.backupset b JOIN msdb.dbo.backupmediafamily m ON m.media_set_id = b.media_set_id WHERE b.name = @name AND b.database_name = @database ORDER BY b.backup_set_id DESC`,
    parameters: { name, database },
    source: "facts/domain.md C3, E; SQL:relational-databases/system-tables/backupset-transact-sql.md",
  };
}
