// STAND-IN for SQL Server: RESTORE DATABASE.
import { gunzipSync } from "node:zlib";
import { readContent } from "../engine/content-text.ts";
import { emptyContent, newDatabase, type Content, type Database, type DatabaseFile } from "../engine/database.ts";
import { mayCreateDatabases } from "../engine/permissions.ts";
import { defaultFiles } from "../engine/run-databases.ts";
import type { Scope } from "../engine/scope.ts";
import type { Session } from "../engine/session.ts";
import { SqlError } from "../engine/sql-error.ts";
import type { Statement } from "../sql/syntax.ts";
import { deviceOf, readDevice, setAt, setError, type Device } from "./device.ts";
import type { ReadSet } from "./format.ts";
import { optionText, statsOf, textOf } from "./options.ts";
import { plannedFiles, requireCompatible, requireRestorable } from "./restore-plan.ts";
import { perform, reportPages, terminating } from "./work.ts";

type Restore = Extract<Statement, { kind: "restore" }>;
const what = "RESTORE DATABASE";

/** @throws SqlError with the cause before 3013; Interrupted. A RESTORE that does not end leaves the database RESTORING. */
export async function runRestore(statement: Restore, scope: Scope): Promise<void> {
  const { session } = scope;
  const variant = session.server.variant();
  if (variant === "azure") {
    throw new SqlError(40510, `Statement '${what}' is not supported in this version of SQL Server.`);
  }
  try {
    if (session.transaction !== null) {
      throw new SqlError(3021, "Cannot perform a backup or restore operation within a transaction.");
    }
    const name = textOf(statement.database, scope);
    if (!mayCreateDatabases(session) || variant === "rds" || variant === "cloudSql") {
      throw new SqlError(3110, `User does not have permission to RESTORE database '${name}'.`, 14);
    }
    if (statement.device === null || statement.path === null) recover(name, session);
    else
      await restoreFrom(
        deviceOf(statement.device, textOf(statement.path, scope), session.server),
        name,
        statement,
        scope,
      );
  } catch (error) {
    if (error instanceof SqlError) throw terminating(what, error);
    throw error;
  }
}

/** RESTORE DATABASE x WITH RECOVERY. @throws SqlError 3118 or 4333 when it has nothing to recover. */
function recover(name: string, session: Session): void {
  const database = session.server.store.find(name);
  if (database?.state !== "RESTORING") {
    throw new SqlError(
      3118,
      `The database "${name}" does not exist. RESTORE can only create a database when restoring either a full backup or a file backup of the primary file.`,
    );
  }
  if (!loaded.has(database)) {
    throw new SqlError(4333, "The database cannot be recovered because the log was not restored.");
  }
  database.state = "ONLINE";
  session.server.store.saveCatalog();
}

/** Databases whose content a RESTORE WITH NORECOVERY has brought to its end. */
const loaded = new WeakSet<Database>();

async function restoreFrom(device: Device, name: string, statement: Restore, scope: Scope): Promise<void> {
  const { session } = scope;
  const { options } = statement;
  const set = setAt(readDevice(device), Number(optionText(options, "FILE", scope) ?? 1), device);
  if (set.end === null) throw setError(device, "end of file");
  if (session.server.variant() === "managedInstance" && (statement.moves.length > 0 || options.size > 0)) {
    throw new SqlError(
      41901,
      "One or more of the options (move) are not supported for this statement in SQL Database Managed Instance. Review the documentation for supported options.",
    );
  }
  requireCompatible(set.header.majorVersion, session.server.majorVersion);
  if (options.has("CHECKSUM") && !set.header.checksums) {
    const text =
      "RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.";
    throw new SqlError(3187, text);
  }
  const existing = session.server.store.find(name);
  if (existing !== undefined) requireRestorable(existing, set, session);
  const moves = statement.moves.map(({ logical, to }) => ({ logical: textOf(logical, scope), to: textOf(to, scope) }));
  const files =
    session.server.variant() === "managedInstance"
      ? placed(set.header.files, name, session)
      : plannedFiles(set.header, moves, existing, session.server);
  const database = target(existing, name, set, files, session);
  const startedAt = Date.now();
  await load(database, set, device, statsOf(options, scope), session);
  database.content = contentOf(set);
  database.state = options.has("NORECOVERY") ? "RESTORING" : "ONLINE";
  if (database.state === "RESTORING") loaded.add(database);
  session.server.store.save(database);
  const pages = files.map(({ logicalName, type }) => ({ logicalName, pages: type === "D" ? set.header.pages : 1 }));
  reportPages(what, name, pages, set.header.position, startedAt, session);
}

/** A Managed Instance decides itself where files are. */
function placed(files: readonly DatabaseFile[], name: string, session: Session): DatabaseFile[] {
  const places = defaultFiles(name, session.server);
  return files.map((file) => ({
    ...file,
    physicalName: places.find(({ type }) => type === file.type)?.physicalName ?? file.physicalName,
  }));
}

/** The database that is restored into, RESTORING from now on. An existing one loses its content here. */
function target(
  existing: Database | undefined,
  name: string,
  set: ReadSet,
  files: DatabaseFile[],
  session: Session,
): Database {
  const { store } = session.server;
  if (existing !== undefined) store.remove(existing);
  const database = newDatabase(existing?.id ?? store.takeId(), name, session.login.user, emptyContent());
  database.familyGuid = set.header.familyGuid;
  database.recoveryModel = set.header.recoveryModel as Database["recoveryModel"];
  database.state = "RESTORING";
  database.files = files;
  store.add(database);
  return database;
}

async function load(
  database: Database,
  set: ReadSet,
  device: Device,
  stats: number | null,
  session: Session,
): Promise<void> {
  const { damage } = set;
  await perform(
    {
      kind: "RESTORE",
      command: what,
      database: database.name,
      stats,
      step: (from, to) => {
        const broken = damage === null ? -1 : Math.floor((set.damagedPage * 100) / Math.max(1, set.header.pages));
        if (damage !== null && broken >= from && broken < to) throw damageError(set, device, database.name);
      },
      diskFull: () =>
        new SqlError(
          5149,
          `MODIFY FILE encountered operating system error 112(There is not enough space on the disk.) while attempting to expand the physical file '${database.files[0]?.physicalName}'.`,
        ),
    },
    session,
  );
}

function damageError(set: ReadSet, device: Device, database: string): SqlError {
  if (set.damage !== "damaged page") return setError(device, set.damage ?? "inconsistent");
  return new SqlError(
    3183,
    `RESTORE detected an error on page (1:${set.damagedPage}) in database "${database}" as read from the backup set.`,
  );
}

/** @throws SqlError 3270 when damage that no checksum covers made it unreadable. */
function contentOf(set: ReadSet): Content {
  try {
    return readContent((set.header.compressed ? gunzipSync(set.content) : set.content).toString());
  } catch {
    throw new SqlError(
      3270,
      "An internal consistency error has occurred. This error is similar to an assert. Contact technical support for assistance.",
    );
  }
}
