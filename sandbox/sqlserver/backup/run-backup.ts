// STAND-IN for SQL Server: BACKUP DATABASE.
import { randomUUID } from "node:crypto";
import { closeSync, existsSync, ftruncateSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { contentText } from "../engine/content-text.ts";
import type { Database } from "../engine/database.ts";
import { openDatabase } from "../engine/open-database.ts";
import { hasDatabasePermission } from "../engine/permissions.ts";
import type { Scope } from "../engine/scope.ts";
import type { Session } from "../engine/session.ts";
import { notKnown, SqlError } from "../engine/sql-error.ts";
import type { Statement } from "../sql/syntax.ts";
import { deviceOf, readDevice, requireWritable, type Device } from "./device.ts";
import { digestOf, endBytes, headerBytes, mediaMark, pageBytes, pagesOf, type SetHeader } from "./format.ts";
import { optionText, statsOf, textOf } from "./options.ts";
import { Interrupted, perform, reportPages, terminating } from "./work.ts";

type Backup = Extract<Statement, { kind: "backup" }>;
const what = "BACKUP DATABASE";

/** @throws SqlError with the cause before 3013; Interrupted. */
export async function runBackup(statement: Backup, scope: Scope): Promise<void> {
  const { session } = scope;
  refuseVariants(session);
  if (statement.log) throw notKnown(statement.text);
  try {
    const database = backupable(textOf(statement.database, scope), session);
    const { options } = statement;
    if (options.has("COMPRESSION") && session.server.variant() === "express") {
      throw new SqlError(1844, "BACKUP DATABASE WITH COMPRESSION is not supported on Express Edition (64-bit).");
    }
    const device = deviceOf(statement.device, textOf(statement.path, scope), session.server);
    requireWritable(device, options.has("FORMAT"));
    const fresh = device.url || options.has("FORMAT") || options.has("INIT") || !existsSync(device.file);
    const position = fresh ? 1 : readDevice(device).length + 1;
    const content = Buffer.from(contentText(database.content));
    const header = headerOf(database, position, content.length, statement, scope);
    await write(device, fresh, header, content, statsOf(options, scope), session);
  } catch (error) {
    if (error instanceof SqlError) throw terminating(what, error);
    throw error;
  }
}

/** @throws SqlError 3021, 40510 or 262 where BACKUP is not for customers. */
function refuseVariants(session: Session): void {
  if (session.transaction !== null) {
    const cause = new SqlError(3021, "Cannot perform a backup or restore operation within a transaction.");
    throw terminating(what, cause);
  }
  const variant = session.server.variant();
  if (variant === "azure") {
    throw new SqlError(40510, `Statement '${what}' is not supported in this version of SQL Server.`);
  }
  if (variant === "rds" || variant === "cloudSql") {
    throw terminating(what, new SqlError(262, `${what} permission denied in database 'master'.`, 14));
  }
}

function backupable(name: string, session: Session): Database {
  const database = session.server.store.find(name);
  if (database !== undefined && !hasDatabasePermission(session, what, database)) {
    throw new SqlError(262, `${what} permission denied in database '${database.name}'.`, 14);
  }
  return openDatabase(session, name);
}

function headerOf(database: Database, position: number, size: number, statement: Backup, scope: Scope): SetHeader {
  const { options } = statement;
  const { server, login } = scope.session;
  return {
    position,
    name: optionText(options, "NAME", scope),
    description: optionText(options, "DESCRIPTION", scope),
    databaseName: database.name,
    databaseCreatedAt: database.createdAt,
    familyGuid: database.familyGuid,
    setGuid: randomUUID().toUpperCase(),
    serverName: server.name,
    user: login.user,
    copyOnly: options.has("COPY_ONLY"),
    checksums: options.has("CHECKSUM"),
    compressed: options.has("COMPRESSION"),
    recoveryModel: database.recoveryModel,
    majorVersion: server.majorVersion,
    files: database.files.map((file) => ({ ...file })),
    startedAt: new Date().toISOString(),
    size,
    pages: 0,
  };
}

async function write(
  device: Device,
  fresh: boolean,
  header: SetHeader,
  content: Buffer,
  stats: number | null,
  session: Session,
): Promise<void> {
  const written = header.compressed ? gzipSync(content) : content;
  const pages = pagesOf(written);
  header.pages = pages.length;
  const existed = existsSync(device.file);
  const before = fresh ? 0 : statSync(device.file).size;
  const file = openSync(device.file, fresh ? "w" : "a", 0o640);
  const startedAt = Date.now();
  let finishedAt = "";
  try {
    if (fresh) writeSync(file, mediaMark);
    writeSync(file, headerBytes(header));
    await perform(
      {
        kind: "BACKUP",
        command: what,
        database: header.databaseName,
        stats,
        step: (from, to) => {
          const [first, last] = [at(from, pages.length), at(to, pages.length)];
          for (const page of pages.slice(first, last)) writeSync(file, pageBytes(page, header.checksums));
        },
        diskFull: () =>
          new SqlError(3202, `Write on "${device.name}" failed: 112(There is not enough space on the disk.)`),
      },
      session,
    );
    finishedAt = new Date().toISOString();
    writeSync(file, endBytes({ finishedAt, sha256: digestOf(written) }));
  } catch (error) {
    // A cancelled backup takes back what it wrote; one whose server or disk failed leaves an incomplete set.
    if (error instanceof Interrupted && !error.lost) {
      if (existed) ftruncateSync(file, before);
      else rmSync(device.file, { force: true });
    }
    throw error;
  } finally {
    closeSync(file);
  }
  damagePage(device, header, before, session);
  remember(device, header, { finishedAt, compressedSize: written.length }, session);
  const files = header.files.map(({ logicalName, type }) => ({ logicalName, pages: type === "D" ? pages.length : 1 }));
  reportPages(what, header.databaseName, files, header.position, startedAt, session);
}

function at(percent: number, count: number): number {
  return Math.floor((percent * count) / 100);
}

/** The fault: one byte of the first page changes, as a bad disk does it, and nobody notices. */
function damagePage(device: Device, header: SetHeader, before: number, session: Session): void {
  const fits = (fault: { database?: string }): boolean =>
    fault.database === undefined || fault.database === header.databaseName;
  if (session.server.faults.find("damagedPage", fits) === undefined) return;
  const firstPage = (before === 0 ? mediaMark.length : before) + headerBytes(header).length + 8;
  const file = openSync(device.file, "r+");
  writeSync(file, Buffer.from([0xff]), 0, 1, firstPage + 10);
  closeSync(file);
}

function remember(
  device: Device,
  header: SetHeader,
  outcome: { finishedAt: string; compressedSize: number },
  session: Session,
): void {
  const { store } = session.server;
  store.backupSets.push({
    id: store.backupSets.length + 1,
    guid: header.setGuid,
    device: device.name,
    ...outcome,
    ...header,
  });
  store.saveCatalog();
}
