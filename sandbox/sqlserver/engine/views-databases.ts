// STAND-IN for SQL Server: sys.databases and the files of databases.
import { bit, datetime, guid, int, nvarchar, smallint, sysname, tinyint, type SqlValue } from "../sql/types.ts";
import { contentText } from "./content-text.ts";
import type { Database, DatabaseFile } from "./database.ts";
import { hasServerPermission, maySee } from "./permissions.ts";
import { view, type View } from "./view.ts";
import { localTime } from "./wall-clock.ts";

const states: Record<Database["state"], number> = { ONLINE: 0, RESTORING: 1, SUSPECT: 4, OFFLINE: 6, COPYING: 7 };
const recoveryModels: Record<Database["recoveryModel"], number> = { FULL: 1, BULK_LOGGED: 2, SIMPLE: 3 };
const accesses: Record<Database["userAccess"], number> = { MULTI_USER: 0, SINGLE_USER: 1, RESTRICTED_USER: 2 };
const none = (): SqlValue => null;

const databases = view<Database>((session) => session.server.store.all().filter((each) => maySee(session, each)), {
  name: [sysname, (each) => each.name],
  database_id: [int, (each) => each.id],
  source_database_id: [int, none],
  create_date: [datetime, (each) => localTime(new Date(each.createdAt))],
  compatibility_level: [tinyint, (_each, session) => session.server.majorVersion * 10],
  collation_name: [sysname, () => "SQL_Latin1_General_CP1_CI_AS"],
  user_access: [tinyint, (each) => accesses[each.userAccess]],
  user_access_desc: [nvarchar(60), (each) => each.userAccess],
  is_read_only: [bit, (each) => each.readOnly],
  state: [tinyint, (each) => states[each.state]],
  state_desc: [nvarchar(60), (each) => each.state],
  is_in_standby: [bit, () => false],
  recovery_model: [tinyint, (each) => recoveryModels[each.recoveryModel]],
  recovery_model_desc: [nvarchar(60), (each) => each.recoveryModel],
  is_broker_enabled: [bit, () => false],
  is_encrypted: [bit, (each) => each.encrypted],
  group_database_id: [guid, none],
});

const fileColumns = {
  file_id: [int, ({ file }: OwnedFile) => file.fileId],
  type: [tinyint, ({ file }: OwnedFile) => (file.type === "D" ? 0 : 1)],
  type_desc: [nvarchar(60), ({ file }: OwnedFile) => (file.type === "D" ? "ROWS" : "LOG")],
  name: [sysname, ({ file }: OwnedFile) => file.logicalName],
  physical_name: [nvarchar(260), ({ file }: OwnedFile) => file.physicalName],
  state_desc: [nvarchar(60), () => "ONLINE"],
  size: [int, ({ file, database }: OwnedFile) => pagesOf(file, database)],
} satisfies Parameters<typeof view<OwnedFile>>[1];

interface OwnedFile {
  database: Database;
  file: DatabaseFile;
}

/** Pages of 8 KiB, at least 8 MB as a new database has. */
export function pagesOf(file: DatabaseFile, database: Database): number {
  return file.type === "L" ? 1024 : 1024 + Math.ceil(contentText(database.content).length / 8192);
}

export const databaseViews: Record<string, View> = {
  "sys.databases": databases,
  "sys.master_files": view<OwnedFile>(
    (session) =>
      session.server.store
        .all()
        .filter((each) => maySee(session, each) && (seesFiles(session) || each === session.database))
        .flatMap((database) => database.files.map((file) => ({ database, file }))),
    { database_id: [int, ({ database }) => database.id], ...fileColumns },
  ),
  "sys.database_files": view<OwnedFile>(
    (_session, database) => database.files.map((file) => ({ database, file })),
    fileColumns,
  ),
  "sys.sysdatabases": view<Database>((session) => session.server.store.all().filter((each) => maySee(session, each)), {
    name: [sysname, (each) => each.name],
    dbid: [smallint, (each) => each.id],
  }),
};

/** sys.master_files needs CREATE DATABASE, ALTER ANY DATABASE or VIEW ANY DEFINITION. */
function seesFiles(session: Parameters<View["rows"]>[0]): boolean {
  return ["CREATE ANY DATABASE", "ALTER ANY DATABASE", "VIEW ANY DEFINITION"].some((each) =>
    hasServerPermission(session, each),
  );
}
