// STAND-IN for SQL Server: Amazon RDS' procedures (RDS user guide, SQLServer.Procedural.Importing.md). "S3" is a folder beside the
// backups: nothing leaves the machine.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { datetime, int, nvarchar, type Column, type SqlValue } from "../sql/types.ts";
import { contentText, readContent } from "./content-text.ts";
import { newDatabase, sameName, type Database } from "./database.ts";
import type { ManagedTask } from "./histories.ts";
import { startTask } from "./managed-tasks.ts";
import { hasDatabasePermission } from "./permissions.ts";
import { argument, requiredText, type Arguments, type Procedure } from "./procedures.ts";
import { alreadyExists, defaultFiles } from "./run-databases.ts";
import type { Server, Session } from "./session.ts";
import { SqlError } from "./sql-error.ts";
import { asText } from "./values.ts";
import { localTime } from "./wall-clock.ts";

export const rdsProcedures: Record<string, Procedure> = {
  rds_backup_database: backUp,
  rds_restore_database: restore,
  rds_task_status: taskStatus,
  rds_modify_db_name: rename,
  rds_drop_database: drop,
};

function objectFile(server: Server, arn: string): string {
  return path.join(server.folders.backup, `s3-${encodeURIComponent(arn)}`);
}

function existing(name: string, session: Session): Database {
  const database = session.server.store.find(name);
  if (database !== undefined && !database.system) return database;
  throw new SqlError(50000, `Database '${name}' does not exist or is not a user database.`);
}

function backUp(values: Arguments, session: Session): number {
  const procedure = "rds_backup_database";
  const database = existing(requiredText(values, "source_db_name", 0, procedure), session);
  const arn = requiredText(values, "s3_arn_to_backup_to", 1, procedure);
  const overwrite = Number(argument(values, "overwrite_s3_backup_file", 3) ?? 0) === 1;
  const file = objectFile(session.server, arn);
  if (!hasDatabasePermission(session, "BACKUP DATABASE", database)) {
    throw new SqlError(262, `BACKUP DATABASE permission denied in database '${database.name}'.`, 14);
  }
  if (existsSync(file) && !overwrite) {
    throw new SqlError(50000, `The S3 object ${arn} already exists, and @overwrite_s3_backup_file is 0.`);
  }
  const about = { type: "BACKUP_DB" as const, database: database.name, subject: arn, overwrite };
  const finish = (): void => writeFileSync(file, contentText(database.content), { mode: 0o600 });
  return show([startTask(session.server, about, { finish })], session);
}

function restore(values: Arguments, session: Session): number {
  const procedure = "rds_restore_database";
  const name = requiredText(values, "restore_db_name", 0, procedure);
  const arn = requiredText(values, "s3_arn_to_restore_from", 1, procedure);
  const { server } = session;
  if (server.store.find(name) !== undefined)
    throw new SqlError(50000, `Database ${name} already exists. Cannot restore database with the same name.`);
  const about = { type: "RESTORE_DB" as const, database: name, subject: arn };
  const missing = `Aborted the task because the S3 object ${arn} does not exist.`;
  const task = startTask(server, about, {
    problem: () => (existsSync(objectFile(server, arn)) ? null : missing),
    finish: () => {
      const database = newDatabase(server.store.takeId(), name, session.login.user);
      database.content = readContent(readFileSync(objectFile(server, arn), "utf8"));
      database.files = defaultFiles(name, server);
      server.store.add(database);
    },
  });
  return show([task], session);
}

type TaskColumn = [name: string, type: Column["type"], value: (task: ManagedTask) => SqlValue];

const columns: TaskColumn[] = [
  ["task_id", int, (task) => task.id],
  ["task_type", nvarchar(30), (task) => task.type],
  ["database_name", nvarchar(128), (task) => task.database],
  ["% complete", int, (task) => task.percent],
  ["duration(mins)", int, () => 0],
  ["lifecycle", nvarchar(30), (task) => task.lifecycle],
  ["task_info", nvarchar(4000), (task) => task.information],
  ["last_updated", datetime, (task) => localTime(new Date(task.updatedAt))],
  ["created_at", datetime, (task) => localTime(new Date(task.createdAt))],
  ["S3_object_arn", nvarchar(2000), (task) => task.subject],
  ["overwrite_S3_backup_file", int, (task) => Number(task.overwrite)],
];

function show(tasks: readonly ManagedTask[], session: Session): number {
  session.answers.columns(columns.map(([name, type]) => ({ name, type, nullable: true })));
  for (const task of tasks) session.answers.row(columns.map(([, , value]) => value(task)));
  session.answers.done(tasks.length);
  return 0;
}

function taskStatus(values: Arguments, session: Session): number {
  const [database, id] = [argument(values, "db_name", 0), argument(values, "task_id", 1)];
  const tasks = session.server.store.tasks.filter(
    (task) =>
      (database === null || sameName(asText(database), task.database)) && (id === null || Number(id) === task.id),
  );
  return show(tasks, session);
}

function rename(values: Arguments, session: Session): number {
  const procedure = "rds_modify_db_name";
  const database = existing(requiredText(values, "old_db_name", 0, procedure), session);
  const name = requiredText(values, "new_db_name", 1, procedure);
  if (session.server.store.find(name) !== undefined) throw alreadyExists(name);
  database.name = name;
  session.server.store.saveCatalog();
  return 0;
}

function drop(values: Arguments, session: Session): number {
  const database = existing(requiredText(values, "db_name", 0, "rds_drop_database"), session);
  const used = [...session.server.sessions.values()].some((each) => each.database === database);
  if (used) throw new SqlError(3702, `Cannot drop database "${database.name}" because it is currently in use.`);
  session.server.store.remove(database);
  return 0;
}
