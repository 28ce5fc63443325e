// STAND-IN for SQL Server: RESTORE VERIFYONLY, HEADERONLY and FILELISTONLY.
import { mayCreateDatabases } from "../engine/permissions.ts";
import type { Scope } from "../engine/scope.ts";
import type { Session } from "../engine/session.ts";
import { SqlError } from "../engine/sql-error.ts";
import type { Statement } from "../sql/syntax.ts";
import { deviceOf, readDevice, setAt, setError, type Device } from "./device.ts";
import { fileListColumns, fileListRow, headerColumns, headerRow } from "./information-columns.ts";
import { optionText, statsOf, textOf } from "./options.ts";
import { perform, terminating } from "./work.ts";

type Information = Extract<Statement, { kind: "restoreInformation" }>;
const titles = {
  VERIFYONLY: "VERIFY DATABASE",
  HEADERONLY: "RESTORE HEADERONLY",
  FILELISTONLY: "RESTORE FILELIST",
} as const;

/** @throws SqlError with the cause before 3013; Interrupted. */
export async function runInformation(statement: Information, scope: Scope): Promise<void> {
  const { session } = scope;
  if (session.server.variant() === "azure") {
    throw new SqlError(40510, `Statement 'RESTORE ${statement.what}' is not supported in this version of SQL Server.`);
  }
  try {
    if (!mayCreateDatabases(session) || ["rds", "cloudSql"].includes(session.server.variant())) {
      throw new SqlError(262, "CREATE DATABASE permission denied in database 'master'.", 14);
    }
    const device = deviceOf(statement.device, textOf(statement.path, scope), session.server);
    if (statement.what === "VERIFYONLY") await verify(statement, device, scope);
    else if (statement.what === "HEADERONLY") showHeaders(device, session);
    else showFiles(device, position(statement, scope), session);
  } catch (error) {
    if (error instanceof SqlError) throw terminating(titles[statement.what], error);
    throw error;
  }
}

function position(statement: Information, scope: Scope): number {
  return Number(optionText(statement.options, "FILE", scope) ?? 1);
}

async function verify(statement: Information, device: Device, scope: Scope): Promise<void> {
  const set = setAt(readDevice(device), position(statement, scope), device);
  if (statement.options.has("CHECKSUM") && !set.header.checksums) {
    throw new SqlError(
      3187,
      "RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.",
    );
  }
  await perform(
    {
      kind: "RESTORE",
      // 16 characters, as the server's views are known to show it; no document says so.
      command: "RESTORE VERIFYON",
      database: set.header.databaseName,
      stats: statsOf(statement.options, scope),
      step: () => undefined,
      diskFull: () =>
        new SqlError(3203, `Read on "${device.name}" failed: 112(There is not enough space on the disk.)`),
    },
    scope.session,
  );
  if (set.damage !== null) throw setError(device, set.damage);
  scope.session.answers.information(3262, `The backup set on file ${set.header.position} is valid.`);
  scope.session.answers.done(null);
}

function showHeaders(device: Device, session: Session): void {
  session.answers.columns(headerColumns);
  const sets = readDevice(device);
  for (const set of sets) session.answers.row(headerRow(set));
  session.answers.done(sets.length);
}

function showFiles(device: Device, number: number, session: Session): void {
  const set = setAt(readDevice(device), number, device);
  if (set.end === null) throw setError(device, "end of file");
  session.answers.columns(fileListColumns);
  for (const file of set.header.files) session.answers.row(fileListRow(file, set));
  session.answers.done(set.header.files.length);
}
