// STAND-IN for SQL Server: msdb's history of backups, and the copies of Azure SQL Database.
import { bit, datetime, guid, int, numeric, nvarchar, real, sysname, tinyint, type SqlValue } from "../sql/types.ts";
import type { BackupSet, ManagedTask } from "./histories.ts";
import { view, type View } from "./view.ts";
import { localTime } from "./wall-clock.ts";

const backups = (session: Parameters<View["rows"]>[0]): readonly BackupSet[] => session.server.store.backupSets;

export const msdbViews: Record<string, View> = {
  "dbo.backupset": view<BackupSet>(backups, {
    backup_set_id: [int, (each) => each.id],
    backup_set_uuid: [guid, (each) => each.guid],
    media_set_id: [int, (each) => each.id],
    position: [int, (each) => each.position],
    name: [nvarchar(128), (each) => each.name],
    user_name: [nvarchar(128), (each) => each.user],
    software_major_version: [tinyint, (each) => each.majorVersion],
    database_creation_date: [datetime, (each) => localTime(new Date(each.databaseCreatedAt))],
    backup_start_date: [datetime, (each) => localTime(new Date(each.startedAt))],
    backup_finish_date: [datetime, (each) => localTime(new Date(each.finishedAt))],
    type: [nvarchar(1), () => "D"],
    backup_size: [numeric(20), (each) => each.size],
    compressed_backup_size: [numeric(20), (each) => each.compressedSize],
    database_name: [nvarchar(128), (each) => each.databaseName],
    server_name: [nvarchar(128), (each) => each.serverName],
    recovery_model: [nvarchar(60), (each) => each.recoveryModel],
    has_backup_checksums: [bit, (each) => each.checksums],
    is_damaged: [bit, () => false],
    is_copy_only: [bit, (each) => each.copyOnly],
    family_guid: [guid, (each) => each.familyGuid],
  }),
  "dbo.backupmediafamily": view<BackupSet>(backups, {
    media_set_id: [int, (each) => each.id],
    family_sequence_number: [tinyint, () => 1],
    physical_device_name: [nvarchar(260), (each) => each.device],
    device_type: [tinyint, (each) => (each.device.startsWith("http") || each.device.startsWith("s3:") ? 9 : 2)],
  }),
};

interface Copy {
  task: ManagedTask;
  databaseId: SqlValue;
}

export const managedViews: Record<string, View> = {
  "sys.dm_database_copies": view<Copy>(
    (session) =>
      session.server.store.tasks
        .filter((task) => task.type === "COPY_DB" && task.lifecycle === "IN_PROGRESS")
        .map((task) => ({ task, databaseId: session.server.store.find(task.database)?.id ?? null })),
    {
      database_id: [int, ({ databaseId }) => databaseId],
      start_date: [datetime, ({ task }) => localTime(new Date(task.createdAt))],
      percent_complete: [real, ({ task }) => task.percent],
      error_code: [int, () => null],
      error_desc: [nvarchar(4096), () => null],
      partner_database: [sysname, ({ task }) => task.subject],
    },
  ),
};
