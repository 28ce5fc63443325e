// STAND-IN for SQL Server: the columns of RESTORE HEADERONLY and FILELISTONLY, as documented
// (SQL:t-sql/statements/restore-statements-headeronly-transact-sql.md, ...-filelistonly-...).
import type { DatabaseFile } from "../engine/database.ts";
import { localTime } from "../engine/wall-clock.ts";
import { bigint, bit, datetime, guid, int, numeric, nvarchar, smallint, tinyint, varbinary } from "../sql/types.ts";
import type { Column, SqlType, SqlValue } from "../sql/types.ts";
import type { ReadSet } from "./format.ts";

type Definition<Item> = [name: string, type: SqlType, value: (item: Item) => SqlValue];

const sequenceNumber = numeric(25);
const none = (): SqlValue => null;
const zero = (): SqlValue => 0;
const no = (): SqlValue => false;

const header: Definition<ReadSet>[] = [
  ["BackupName", nvarchar(128), (set) => set.header.name],
  ["BackupDescription", nvarchar(255), (set) => set.header.description],
  ["BackupType", smallint, () => 1],
  ["ExpirationDate", datetime, none],
  ["Compressed", bit, (set) => set.header.compressed],
  ["Position", smallint, (set) => set.header.position],
  ["DeviceType", tinyint, () => 2],
  ["UserName", nvarchar(128), (set) => set.header.user],
  ["ServerName", nvarchar(128), (set) => set.header.serverName],
  ["DatabaseName", nvarchar(128), (set) => set.header.databaseName],
  ["DatabaseVersion", int, (set) => 904 + (set.header.majorVersion - 15) * 53],
  ["DatabaseCreationDate", datetime, (set) => localTime(new Date(set.header.databaseCreatedAt))],
  ["BackupSize", numeric(20), (set) => set.header.size],
  ["FirstLSN", sequenceNumber, zero],
  ["LastLSN", sequenceNumber, zero],
  ["CheckpointLSN", sequenceNumber, zero],
  ["DatabaseBackupLSN", sequenceNumber, zero],
  ["BackupStartDate", datetime, (set) => localTime(new Date(set.header.startedAt))],
  ["BackupFinishDate", datetime, (set) => (set.end === null ? null : localTime(new Date(set.end.finishedAt)))],
  ["SortOrder", smallint, () => 52],
  ["CodePage", smallint, zero],
  ["UnicodeLocaleId", int, () => 1033],
  ["UnicodeComparisonStyle", int, () => 196609],
  ["CompatibilityLevel", tinyint, (set) => set.header.majorVersion * 10],
  ["SoftwareVendorId", int, () => 4608],
  ["SoftwareVersionMajor", int, (set) => set.header.majorVersion],
  ["SoftwareVersionMinor", int, zero],
  ["SoftwareVersionBuild", int, () => 4096],
  ["MachineName", nvarchar(128), (set) => set.header.serverName],
  ["Flags", int, (set) => (set.header.copyOnly ? 1024 : 0) | (set.header.checksums ? 16 : 0)],
  ["BindingID", guid, (set) => set.header.familyGuid],
  ["RecoveryForkID", guid, (set) => set.header.familyGuid],
  ["Collation", nvarchar(128), () => "SQL_Latin1_General_CP1_CI_AS"],
  ["FamilyGUID", guid, (set) => set.header.familyGuid],
  ["HasBulkLoggedData", bit, no],
  ["IsSnapshot", bit, no],
  ["IsReadOnly", bit, no],
  ["IsSingleUser", bit, no],
  ["HasBackupChecksums", bit, (set) => set.header.checksums],
  // Damage that was known when the backup was made; what happened to the file since is VERIFYONLY's to find.
  ["IsDamaged", bit, no],
  ["BeginsLogChain", bit, no],
  ["HasIncompleteMetaData", bit, no],
  ["IsForceOffline", bit, no],
  ["IsCopyOnly", bit, (set) => set.header.copyOnly],
  ["FirstRecoveryForkID", guid, (set) => set.header.familyGuid],
  ["ForkPointLSN", sequenceNumber, none],
  ["RecoveryModel", nvarchar(60), (set) => set.header.recoveryModel],
  ["DifferentialBaseLSN", sequenceNumber, none],
  ["DifferentialBaseGUID", guid, none],
  ["BackupTypeDescription", nvarchar(60), () => "Database"],
  ["BackupSetGUID", guid, (set) => set.header.setGuid],
  ["CompressedBackupSize", bigint, (set) => BigInt(set.content.length)],
  ["containment", tinyint, zero],
  ["KeyAlgorithm", nvarchar(32), none],
  ["EncryptorThumbprint", varbinary(20), none],
  ["EncryptorType", nvarchar(32), none],
];

interface ListedFile {
  file: DatabaseFile;
  set: ReadSet;
}

const fileList: Definition<ListedFile>[] = [
  ["LogicalName", nvarchar(128), ({ file }) => file.logicalName],
  ["PhysicalName", nvarchar(260), ({ file }) => file.physicalName],
  ["Type", nvarchar(1), ({ file }) => file.type],
  ["FileGroupName", nvarchar(128), ({ file }) => (file.type === "D" ? "PRIMARY" : null)],
  ["Size", numeric(20), () => 8388608],
  ["MaxSize", numeric(20), () => 35184372080640],
  ["FileID", bigint, ({ file }) => BigInt(file.fileId)],
  ["CreateLSN", sequenceNumber, zero],
  ["DropLSN", sequenceNumber, none],
  ["UniqueID", guid, ({ set }) => set.header.setGuid],
  ["ReadOnlyLSN", sequenceNumber, none],
  ["ReadWriteLSN", sequenceNumber, none],
  ["BackupSizeInBytes", bigint, ({ file, set }) => (file.type === "D" ? BigInt(set.header.size) : 0n)],
  ["SourceBlockSize", int, () => 4096],
  ["FileGroupID", int, ({ file }) => (file.type === "D" ? 1 : 0)],
  ["LogGroupGUID", guid, none],
  ["DifferentialBaseLSN", sequenceNumber, none],
  ["DifferentialBaseGUID", guid, none],
  ["IsReadOnly", bit, no],
  ["IsPresent", bit, () => true],
  ["TDEThumbprint", varbinary(32), none],
  ["SnapshotUrl", nvarchar(360), none],
];

function columnsOf<Item>(definitions: readonly Definition<Item>[]): Column[] {
  return definitions.map(([name, type]) => ({ name, type, nullable: true }));
}

export const headerColumns = columnsOf(header);
export const fileListColumns = columnsOf(fileList);

/** A backup that never ended is shown as `*** INCOMPLETE ***`, with its place only. */
export function headerRow(set: ReadSet): SqlValue[] {
  if (set.end !== null) return header.map(([, , value]) => value(set));
  const shown: Record<string, SqlValue> = {
    BackupName: "*** INCOMPLETE ***",
    BackupType: 1,
    Position: set.header.position,
    DeviceType: 2,
  };
  return header.map(([name]) => shown[name] ?? null);
}

export function fileListRow(file: DatabaseFile, set: ReadSet): SqlValue[] {
  return fileList.map(([, , value]) => value({ file, set }));
}
