import { randomBytes } from "node:crypto";
import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { CutoverError } from "../../model/error.ts";
import type { SandboxDatabase } from "../contracts.ts";
import { freePort } from "../process/free-port.ts";
import { lastLines, runCommand } from "../process/run.ts";
import { startProcess, type BackgroundProcess } from "../process/start.ts";
import { signalProcess, stopProcesses } from "../process/stop.ts";
import { waitFor } from "../process/wait-for.ts";
import { ensurePostgres } from "./find-binaries.ts";
import { giveTo, serverUser, type ServerUser } from "./server-user.ts";

/** A PostgreSQL server that can also be killed, as a crash would. */
export interface PostgresServer extends SandboxDatabase {
  /** Version and place, for people. */
  line: string;
  kill(): Promise<void>;
}

const superuser = "postgres";
// Speed before durability: nothing here has to survive a power failure. In the file, not on the command line, so that a
// test can change them (ALTER SYSTEM) and start the server again.
const settings = {
  listen_addresses: "127.0.0.1",
  password_encryption: "scram-sha-256",
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "200",
  shared_buffers: "64MB",
  max_wal_size: "1GB",
  jit: "off",
};

/**
 * Makes and starts a PostgreSQL server of its own in the sandbox's folder, on a free loopback port, with password
 * authentication. Throws CUT-9020 when PostgreSQL is missing, CUT-9022 when it does not start.
 */
export async function startPostgres(options: {
  directory: string;
  environment: NodeJS.ProcessEnv;
  say: (line: string) => void;
}): Promise<PostgresServer> {
  const binaries = await ensurePostgres(options.say);
  const user = await serverUser();
  const folder = path.join(options.directory, "postgres");
  const dataDirectory = path.join(folder, "data");
  const password = randomBytes(12).toString("hex");
  await makeData({ binaries, folder, dataDirectory, password, user, environment: options.environment });
  const port = await freePort();
  const lines = Object.entries({ ...settings, unix_socket_directories: folder, port: String(port) });
  await appendFile(
    path.join(dataDirectory, "postgresql.conf"),
    lines.map(([key, value]) => `${key} = '${value}'\n`).join(""),
  );
  let server: BackgroundProcess | null = null;

  const start = async (): Promise<void> => {
    if (server?.running() === true) return;
    server = await startProcess({
      directory: options.directory,
      name: "postgres",
      command: path.join(binaries, "postgres"),
      args: ["-D", dataDirectory],
      environment: options.environment,
      workingDirectory: folder,
      user,
    });
    await untilReady(server, { host: "127.0.0.1", port, user: superuser, password, database: "postgres" });
  };
  await start();
  const version = (await runCommand(path.join(binaries, "postgres"), ["--version"])).stdout.trim();
  return {
    host: "127.0.0.1",
    port,
    superuser,
    password,
    binaries,
    dataDirectory,
    line: `PostgreSQL: real server, ${version.replace(/^postgres \(PostgreSQL\) /, "")}`,
    start,
    // SIGINT is PostgreSQL's fast shutdown: open connections are cut.
    stop: async () => {
      if (server !== null) await stopProcesses([server.record], { signal: "SIGINT", graceMilliseconds: 15_000 });
    },
    kill: async () => {
      if (server !== null && signalProcess(server.record, "SIGKILL")) await stopProcesses([server.record]);
    },
  };
}

async function makeData(options: {
  binaries: string;
  folder: string;
  dataDirectory: string;
  password: string;
  user: ServerUser | undefined;
  environment: NodeJS.ProcessEnv;
}): Promise<void> {
  const { folder, user } = options;
  await mkdir(folder, { mode: 0o700 });
  const passwordFile = path.join(folder, "password");
  await writeFile(passwordFile, options.password, { mode: 0o600 });
  await giveTo(user, folder, passwordFile);
  const result = await runCommand(
    path.join(options.binaries, "initdb"),
    [
      ...["-D", options.dataDirectory, "-U", superuser, "--auth=scram-sha-256", `--pwfile=${passwordFile}`],
      ...["--encoding=UTF8", "--locale=C", "--no-sync"],
    ],
    { user, workingDirectory: folder, environment: options.environment, timeoutMilliseconds: 120_000 },
  );
  await rm(passwordFile, { force: true });
  if (result.exitCode !== 0) throw notStarted("initdb failed", lastLines(`${result.stdout}\n${result.stderr}`, 6));
}

async function untilReady(server: BackgroundProcess, connection: pg.ClientConfig): Promise<void> {
  const ready = await waitFor(
    async () => {
      const client = new pg.Client({ ...connection, connectionTimeoutMillis: 2000 });
      client.on("error", () => undefined);
      try {
        await client.connect();
        return true;
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    { timeoutMilliseconds: 60_000, everyMilliseconds: 40, giveUp: () => !server.running() },
  );
  if (!ready) throw notStarted("the server is not ready", await server.logTail(6));
}

function notStarted(what: string, evidence: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-9022",
    verdict: "errored",
    happened: `the sandbox's PostgreSQL did not start: ${what}`,
    evidence,
    untouched: "other PostgreSQL servers of this machine",
    next: "see the lines above, then try again",
  });
}
