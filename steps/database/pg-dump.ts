import { mkdir, rename, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { CutoverError, messageOf } from "../../model/error.ts";
import type { DatabaseReference } from "../../model/service.ts";
import type { Outcome, StepContext } from "../context.ts";
import { syncFolder, workFolder, writeAtomically } from "../work/files.ts";
import { hashFiles, manifestDigest, manifestName, type BackupManifest } from "./backup-files.ts";
import { readSystemIdentifier } from "./inventory-snapshot.ts";
import { runTool, toolLogin, toolVersion } from "./pg-tools.ts";

export interface DumpInput {
  service: string;
  database: DatabaseReference;
  /** Relative to the project folder. */
  folder: string;
  jobs: number;
  /** The dump's own folder, relative to the project, and its id; absent: `<folder>/<stack>/<service>/<run>`. */
  place?: { path: string; id: string };
  /** Exported by an open transaction of the caller (pg_export_snapshot): the dump shows what that transaction sees. */
  snapshot?: string;
  /** Rows by table that were counted in the same snapshot. */
  rows?: Record<string, number>;
}

const reserveBytes = 32 * 1024 * 1024;

/**
 * Dumps a database with `pg_dump -Fd -j`, reads all of it back, and only then gives it its name
 * `<folder>/<stack>/<service>/<run>`. A backup that was not read back never has that name. Exit code 16 when it fails.
 */
export async function dumpDatabase(context: StepContext, input: DumpInput): Promise<Outcome> {
  const { request, root, signal } = context;
  const { place } = input;
  const run = request.attempt.split(".")[0] ?? "unknown";
  const wanted =
    place === undefined
      ? join(resolve(root, input.folder), request.stack, input.service, run)
      : resolve(root, place.path);
  const parent = dirname(wanted);
  await makeFolder(parent);
  const target = await freeName(wanted);
  const part = `${target}.part`;
  // The lease makes this the only worker: whatever lies here is a dead one's.
  await rm(part, { recursive: true, force: true });
  const facts = await databaseFacts(context, input);
  await checkSpace(parent, facts.bytes);
  const version = await checkTool(facts.serverVersion, signal);
  const credentials = await context.credentials(input.database);
  const login = await toolLogin(credentials, `cutover ${input.service} backup`, workFolder(root, request));
  const startedAt = new Date().toISOString();
  try {
    context.progress(`dumping ${facts.database} (${megabytes(facts.bytes)}) with ${input.jobs} jobs`);
    const options = { environment: login.environment, signal };
    const argv = ["pg_dump", "--format=directory", `--jobs=${input.jobs}`, "--no-password", `--file=${part}`];
    if (input.snapshot !== undefined) argv.push(`--snapshot=${input.snapshot}`);
    await must("CUT-5141", "the dump failed", argv, options);
    context.progress("reading the dump back");
    const [files] = await Promise.all([hashFiles(part, signal), readBack(part, signal)]);
    const manifest: BackupManifest = {
      format: 1,
      id: place?.id ?? `${request.stack}/${input.service}/${basename(target)}`,
      stack: request.stack,
      service: input.service,
      attempt: request.attempt,
      ...facts,
      toolVersion: `pg_dump ${version}`,
      startedAt,
      finishedAt: new Date().toISOString(),
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      files,
      ...(input.rows === undefined ? {} : { rows: input.rows }),
    };
    await writeAtomically(join(part, manifestName), `${JSON.stringify(manifest, null, 1)}\n`);
    await rename(part, target);
    await syncFolder(dirname(target));
    return dumped(manifest, relative(root, target));
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  } finally {
    await login.remove();
  }
}

/** `pg_restore` of everything to nowhere: it finds truncated, damaged and missing data files; `--list` does not (D1). */
export async function readBack(folder: string, signal: AbortSignal): Promise<void> {
  await must("CUT-5142", "the dump cannot be read back", ["pg_restore", "--file=/dev/null", folder], { signal });
}

async function must(
  code: "CUT-5141" | "CUT-5142",
  happened: string,
  argv: readonly string[],
  options: { environment?: Record<string, string>; signal: AbortSignal },
): Promise<void> {
  const result = await runTool(argv, options);
  if (result.exitCode === 0) return;
  options.signal.throwIfAborted();
  const how = result.exitCode === null ? `ended by ${result.endedBy}` : `exit code ${result.exitCode}`;
  throw new CutoverError({
    code,
    verdict: "failed",
    happened,
    evidence: [`${argv[0]}: ${how}`, ...result.stderr.trim().split("\n").slice(-8)],
    untouched: "The database and the service were not changed; the unfinished dump was removed.",
    next: "Remove the cause (rights, space, connection), then run pulumi up again.",
    exitCode: 16,
  });
}

async function databaseFacts(
  context: StepContext,
  input: DumpInput,
): Promise<Pick<BackupManifest, "database" | "systemIdentifier" | "serverVersion" | "bytes">> {
  const database = await context.postgres(input.database);
  // Unlike pg_table_size this waits for nobody's lock.
  const [row] = await database.query<{ name: string; version: string; bytes: string }>(
    `SELECT current_database() AS name, current_setting('server_version') AS version,
            pg_database_size(current_database())::text AS bytes`,
  );
  return {
    database: row?.name ?? "",
    serverVersion: row?.version ?? "",
    bytes: Number(row?.bytes ?? 0),
    systemIdentifier: await readSystemIdentifier(database),
  };
}

async function checkTool(serverVersion: string, signal: AbortSignal): Promise<string> {
  const version = await toolVersion("pg_dump", signal);
  if (Number.parseInt(version, 10) >= Number.parseInt(serverVersion, 10)) return version;
  throw new CutoverError({
    code: "CUT-5143",
    verdict: "failed",
    happened: `pg_dump ${version} is older than the server ${serverVersion} and refuses to dump it`,
    untouched: "Nothing was changed.",
    next: `Put PostgreSQL ${Number.parseInt(serverVersion, 10)} client tools first on PATH.`,
    exitCode: 16,
  });
}

/** Indexes are not part of a dump and the rest is compressed: half of the database's size is a careful bound. */
async function checkSpace(folder: string, databaseBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const bytes = databaseBytes / 2 + reserveBytes;
  if (free >= bytes) return;
  throw new CutoverError({
    code: "CUT-5144",
    verdict: "failed",
    happened: `not enough space for the backup: ${megabytes(free)} free, up to ${megabytes(bytes)} needed`,
    untouched: "Nothing was changed.",
    next: "Free space or set cutover:backupFolder to a larger disk, then run pulumi up again.",
    exitCode: 16,
  });
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const details = { code: "CUT-5145", verdict: "errored", happened: "the backup folder cannot be made" } as const;
    const advice = {
      evidence: [messageOf(cause)],
      untouched: "Nothing was changed.",
      next: "Set cutover:backupFolder to a folder that can be written, then run pulumi up again.",
      exitCode: 16,
    };
    throw new CutoverError({ ...details, ...advice }, { cause });
  }
}

/** A name that is not taken: an older backup of the same run stays. */
async function freeName(wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    const taken = await stat(name).then(
      () => true,
      () => false,
    );
    if (!taken) return name;
  }
}

function dumped(manifest: BackupManifest, folder: string): Outcome {
  const { id, database, bytes, files, systemIdentifier, serverVersion, startedAt, finishedAt } = manifest;
  return {
    verdict: "passed",
    summary: `${database} backed up as ${id}: ${megabytes(bytes)} in ${files.length} files, read back completely`,
    evidence: [
      `sha256 of the manifest ${manifestDigest(manifest)}`,
      `PostgreSQL ${serverVersion}, ${manifest.toolVersion}`,
    ],
    facts: {
      kind: "pgDump",
      backupId: id,
      folder,
      sha256: manifestDigest(manifest),
      bytes,
      database,
      systemIdentifier,
      startedAt,
      finishedAt,
    },
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
