import { resolve } from "node:path";
import { runProcess } from "../../clients/process.ts";
import { quoteIdentifier } from "../../clients/sql-quoting.ts";
import { CutoverError } from "../../model/error.ts";
import { toPositional } from "../../model/operational/named-parameters.ts";
import { nameWithEnd, type DatabaseState } from "../../model/operational/restore-moves.ts";
import type { DatabaseBackup } from "../../model/platform-backup.ts";
import type { StepContext } from "../context.ts";
import { backupProblem, readManifest } from "../database/backup-files.ts";
import { createLike, readProperties } from "../database/database-copy.ts";
import { dropDatabase, swapDatabases } from "../database/database-swap.ts";
import { readBack } from "../database/pg-dump.ts";
import { restoreDump } from "../database/pg-restore.ts";
import { workFolder } from "../work/files.ts";
import type { DatabaseHost } from "./database-host.ts";
import { countAllRows, maintenanceDatabase, withPostgres, type PostgresAccess } from "./postgres-access.ts";

const jobs = 2;

/** Clones and restores on PostgreSQL. A database gets its name only when it is complete: until then it has a name of its own. */
export function postgresHost(
  access: PostgresAccess,
  context: Pick<StepContext, "root" | "request" | "signal" | "progress">,
): DatabaseHost {
  const { host, port, database } = access.credentials;
  const server = <Value>(work: Parameters<typeof withPostgres<Value>>[2]) =>
    withPostgres(access, maintenanceDatabase, work);
  const folderOf = ({ path }: DatabaseBackup): string => resolve(context.root, path);
  const renameNow = (from: string, to: string): Promise<void> => {
    const names = { database: to, restored: from, replaced: to };
    const there = { original: false, restored: true, replaced: false };
    return swapDatabases(() => access.connect(maintenanceDatabase), names, there);
  };

  return {
    provider: "postgresql",
    address: `${host}:${port}`,
    place: { host, port, database },
    refusal: null,
    async identity() {
      return server(async (connection) => {
        const [row] = await connection.query<{ started: string; address: string | null }>(
          `SELECT extract(epoch FROM pg_postmaster_start_time())::text AS started, host(inet_server_addr()) AS address`,
        );
        const names = row?.address === null || row === undefined ? [] : [row.address];
        return { provider: "postgresql", address: `${host}:${port}`, names, startedAt: row?.started ?? null };
      });
    },
    async names() {
      return server(async (connection) => {
        const rows = await connection.query<{ name: string }>("SELECT datname AS name FROM pg_database");
        return rows.map(({ name }) => name);
      });
    },
    async states(names) {
      return server(async (connection) => {
        const rows = await connection.query<{ name: string; open: boolean }>(
          "SELECT datname AS name, datallowconn AS open FROM pg_database WHERE datname = ANY($1)",
          [names.flatMap((name) => [name, partName(name)])],
        );
        const found = new Map(rows.map(({ name, open }) => [name, open]));
        const of = (name: string): DatabaseState => {
          const open = found.get(name);
          if (open !== undefined) return open ? "online" : "unusable";
          return found.has(partName(name)) ? "partial" : "absent";
        };
        return new Map(names.map((name) => [name, of(name)]));
      });
    },
    async verify(backup) {
      const problem = await backupProblem(folderOf(backup), backup.proof, context.signal);
      if (problem !== null) throw badBackup(backup, problem);
      await readBack(folderOf(backup), context.signal);
      const manifest = await readManifest(folderOf(backup), backup.proof);
      const [row] = await server((connection) =>
        connection.query<{ version: string }>("SELECT current_setting('server_version') AS version"),
      );
      const [from, to] = [manifest?.serverVersion ?? "", row?.version ?? ""].map((text) => Number.parseInt(text, 10));
      if (from !== undefined && to !== undefined && from > to) throw olderServer(backup, from, to);
    },
    async restore(backup, target, like) {
      const part = partName(target);
      const create = like === null ? await createStatementOf(folderOf(backup), part, context.signal) : null;
      await server(async (connection) => {
        if (create !== null) await connection.query(create);
        else if (like !== null) await createLike(connection, part, await readProperties(connection, like));
      });
      const credentials = { ...access.credentials, database: part };
      const folders = { folder: folderOf(backup), workFolder: workFolder(context.root, context.request) };
      const { signal, progress: say } = context;
      await restoreDump({ credentials, ...folders, jobs, signal, say, withoutOwners: like === null });
      // Fails when somebody has made a database of that name meanwhile.
      await renameNow(part, target);
    },
    rows: (name) => withPostgres(access, name, countAllRows),
    rename: renameNow,
    open: async () => undefined,
    async drop(name) {
      await server(async (connection) => {
        for (const one of [name, partName(name)]) await dropDatabase(connection, one);
      });
    },
    async query(name, sql, parameters = {}) {
      const { sql: text, names } = toPositional(sql, Object.keys(parameters));
      const values = names.map((parameter) => parameters[parameter] ?? null);
      const rows = await withPostgres(access, name, (connection) =>
        connection.query<Record<string, unknown>>(text, values),
      );
      return rows.map((row) => Object.values(row));
    },
    close: async () => undefined,
  };
}

/** The name of a database while it is being restored. */
function partName(name: string): string {
  return nameWithEnd(name, "_part", "postgresql");
}

/** The statement that made the original, with another name: encoding and locale are in the dump, its tablespace is left out. */
async function createStatementOf(folder: string, name: string, signal: AbortSignal): Promise<string> {
  const argv = ["pg_restore", "--create", "--schema-only", "--no-owner", "--no-tablespaces", "--file=-", folder];
  let options: string | undefined;
  const onStdoutLine = (line: string): void => {
    options ??= /^CREATE DATABASE (?:"(?:[^"]|"")*"|\S+) WITH ([^;]+);$/.exec(line)?.[1];
  };
  await runProcess(argv, { environment: { LC_ALL: "C" }, signal, onStdoutLine });
  return `CREATE DATABASE ${quoteIdentifier(name)} WITH ${options ?? "TEMPLATE = template0"}`;
}

function badBackup({ database, path }: DatabaseBackup, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-5520",
    verdict: "failed",
    happened: `the backup of ${database} is not as it was written`,
    evidence: [`${path}: ${problem}`],
    untouched: "No database was made, changed or removed.",
    next: "Put the files back, or choose another backup.",
    exitCode: 16,
  });
}

function olderServer({ database }: DatabaseBackup, from: number, to: number): CutoverError {
  return new CutoverError({
    code: "CUT-5521",
    verdict: "failed",
    happened: `the backup of ${database} is of PostgreSQL ${from}, the server is PostgreSQL ${to}: newer ones cannot be restored on older ones`,
    untouched: "No database was made, changed or removed.",
    next: `Use a server of PostgreSQL ${from} or later.`,
    exitCode: 16,
  });
}
