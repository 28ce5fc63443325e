import { join, resolve } from "node:path";
import { CutoverError } from "../../model/error.ts";
import type { DatabaseBackup } from "../../model/platform-backup.ts";
import type { StepContext } from "../context.ts";
import { backupProblem, manifestDigest, readAnyManifest, type BackupManifest } from "../database/backup-files.ts";
import { dumpDatabase, readBack } from "../database/pg-dump.ts";
import { countAllRows, withPostgres, type PostgresAccess } from "./postgres-access.ts";
import type { OperationalContext } from "./server.ts";

const jobs = 2;

/**
 * Dumps one database with `pg_dump -Fd`, reads all of it back and counts every table's rows in the dump's own snapshot. A good dump
 * of the same run is kept: it was taken before anything was migrated.
 * @throws CutoverError CUT-5523 when this run's own dump is damaged; of pg-dump.ts.
 */
export async function backUpPostgres(
  context: OperationalContext,
  access: PostgresAccess,
  input: { database: string; folder: string; run: string },
): Promise<{ backup: DatabaseBackup; kept: boolean }> {
  const { database, run } = input;
  const path = join(input.folder, fileName(database));
  const id = `${context.request.stack}/${run}/${database}`;
  const kept = await keptDump(context, path, id);
  if (kept !== null) return { backup: backupOf(access, path, kept), kept: true };
  const credentials = { ...access.credentials, database };
  const manifest = await withPostgres(access, database, async (connection) => {
    await connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const [exported] = await connection.query<{ snapshot: string }>("SELECT pg_export_snapshot() AS snapshot");
    const rows = await countAllRows(connection);
    // pg-dump.ts asks its context for a reference's login and connection; here both are known already.
    const own: StepContext = {
      ...(context as StepContext),
      credentials: async () => credentials,
      postgres: async () => connection,
    };
    const place = { path, id };
    const reference = { namespace: "", secret: "", key: "" };
    const snapshot = exported?.snapshot ?? "";
    await dumpDatabase(own, {
      service: database,
      database: reference,
      folder: input.folder,
      jobs,
      place,
      snapshot,
      rows,
    });
    await connection.query("COMMIT");
    return readAnyManifest(resolve(context.root, path));
  });
  if (manifest === null) throw new Error(`the dump of ${database} has no manifest`);
  return { backup: backupOf(access, path, manifest), kept: false };
}

async function keptDump(context: OperationalContext, path: string, id: string): Promise<BackupManifest | null> {
  const folder = resolve(context.root, path);
  const manifest = await readAnyManifest(folder);
  if (manifest === null || manifest.id !== id) return null;
  const problem = await backupProblem(folder, manifestDigest(manifest), context.signal);
  if (problem === null) {
    await readBack(folder, context.signal);
    return manifest;
  }
  throw new CutoverError({
    code: "CUT-5523",
    verdict: "failed",
    happened: `the dump ${id} that this run took is damaged`,
    evidence: [`${path}: ${problem}`],
    untouched: "Nothing was changed by this step.",
    next: `Put the file back; or, where nothing was migrated yet, remove ${path} and run pulumi up again.`,
    exitCode: 16,
  });
}

function backupOf(access: PostgresAccess, path: string, manifest: BackupManifest): DatabaseBackup {
  const { database, id, bytes, startedAt, finishedAt, rows } = manifest;
  return {
    database,
    provider: "postgresql",
    server: `${access.credentials.host}:${access.credentials.port}`,
    path,
    name: id,
    bytes,
    startedAt,
    finishedAt,
    proof: manifestDigest(manifest),
    ...(rows === undefined ? {} : { rows }),
  };
}

/** A database's name as the name of a folder: different names stay different. */
function fileName(database: string): string {
  return encodeURIComponent(database).replaceAll(".", "%2E");
}
