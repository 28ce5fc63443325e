import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "mocha";
import mssql from "mssql";
import type { SqlServer, SqlServerOptions } from "../../../sandbox/sqlserver/contracts.ts";
import {
  contentStatements,
  createDatabaseStatement,
  redpointDatabases,
  type RedpointDatabase,
  type RedpointInstallation,
} from "../../../sandbox/sqlserver/redpoint-schema.ts";
import { startSqlServer } from "../../../sandbox/sqlserver/server.ts";

/** `Server=host,1433;User Id=...;Password=...`: a real SQL Server for the tests, with a login of sysadmin. Its backups stay in its folder. */
const real = process.env["CUTOVER_TEST_MSSQL"];

/** True where CUTOVER_TEST_MSSQL names a real server: faults are not available there. */
export const isRealSqlServer = real !== undefined;

/** A server for tests: the stand-in, or a real one. */
export interface TestSqlServer {
  host: string;
  port: number;
  user: string;
  password: string;
  /** PEM; null: the system's authorities, or those of the connection string's TrustServerCertificate. */
  certificateAuthority: string | null;
  trustServerCertificate: boolean;
  /** Folders as the server sees them, without a slash at the end. */
  backupFolder: string;
  dataFolder: string;
  logFolder: string;
  /** Null on a real server. */
  standIn: SqlServer | null;
  /** An open pool; closed by `stop` at the latest. */
  connect(options?: ConnectOptions): Promise<mssql.ConnectionPool>;
  /** As RPI writes it: `Server=tcp:host,port;Database=...;User ID=...;Password=...;Encrypt=True;...`. Holds the password. */
  connectionString(database: string): string;
  /** Closes the pools, drops the databases that were made through `createRedpoint`, ends the stand-in and removes its folder. */
  stop(): Promise<void>;
  /** Databases to be dropped by `stop`. */
  readonly made: string[];
}

export interface ConnectOptions {
  database?: string;
  user?: string;
  password?: string;
  /** program_name. */
  application?: string;
  configuration?: Partial<mssql.config>;
}

/** Starts the stand-in in a folder of its own (`options` are its), or connects to the real server. */
export async function sqlServerForTests(options: Partial<SqlServerOptions> = {}): Promise<TestSqlServer> {
  if (real !== undefined) return connectReal(real);
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "cutover-sql-server-")));
  const standIn = await startSqlServer({ ...options, folder });
  return testServer({
    host: "localhost",
    port: standIn.port,
    ...standIn.administrator,
    certificateAuthority: await readFile(standIn.caFile, "utf8"),
    trustServerCertificate: false,
    backupFolder: standIn.backupFolder,
    dataFolder: standIn.dataFolder,
    logFolder: join(folder, "log"),
    standIn,
    end: async () => {
      await standIn.stop();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  });
}

type Facts = Omit<TestSqlServer, "connect" | "connectionString" | "stop" | "made"> & { end(): Promise<void> };

function testServer(options: Facts): TestSqlServer {
  const facts = { ...options, end: undefined };
  const pools: mssql.ConnectionPool[] = [];
  const made: string[] = [];
  const connect = async (options: ConnectOptions = {}): Promise<mssql.ConnectionPool> => {
    const ca = facts.certificateAuthority;
    const configuration = options.configuration ?? {};
    const pool = new mssql.ConnectionPool({
      server: facts.host,
      port: facts.port,
      user: options.user ?? facts.user,
      password: options.password ?? facts.password,
      database: options.database ?? "master",
      pool: { max: 1 },
      ...configuration,
      options: {
        encrypt: true,
        trustServerCertificate: facts.trustServerCertificate,
        appName: options.application ?? "cutover tests",
        ...(ca === null ? {} : { cryptoCredentialsDetails: { ca } }),
        ...configuration.options,
      },
    });
    pool.on("error", () => undefined);
    pools.push(pool);
    return pool.connect();
  };
  return {
    ...facts,
    made,
    connect,
    connectionString: (database) =>
      `Server=tcp:${facts.host},${facts.port};Database=${database};User ID=${facts.user};Password=${facts.password};Encrypt=True;TrustServerCertificate=${facts.trustServerCertificate ? "True" : "False"};`,
    stop: async () => {
      await facts.standIn?.faults.clear();
      await Promise.all(pools.map((pool) => pool.close().catch(() => undefined)));
      if (facts.standIn === null && made.length > 0) await dropAll(await connect(), made);
      await Promise.all(pools.map((pool) => pool.close().catch(() => undefined)));
      await options.end();
    },
  };
}

async function connectReal(text: string): Promise<TestSqlServer> {
  const config = mssql.ConnectionPool.parseConnectionString(text) as mssql.config & { options?: mssql.IOptions };
  const { trustServerCertificate = false } = config.options ?? {};
  const pool = await new mssql.ConnectionPool(config).connect();
  const { recordset } = await pool.query<Record<"backups" | "data" | "log", string>>(
    "SELECT CAST(SERVERPROPERTY('InstanceDefaultBackupPath') AS nvarchar(512)) AS backups, CAST(SERVERPROPERTY('InstanceDefaultDataPath') AS nvarchar(512)) AS data, CAST(SERVERPROPERTY('InstanceDefaultLogPath') AS nvarchar(512)) AS log",
  );
  await pool.close();
  const [folders] = recordset;
  const withoutSlash = (folder: string | undefined): string => (folder ?? "").replace(/[\\/]+$/, "");
  return testServer({
    host: config.server,
    port: config.port ?? 1433,
    user: config.user ?? "",
    password: config.password ?? "",
    certificateAuthority: null,
    trustServerCertificate,
    backupFolder: withoutSlash(folders?.backups),
    dataFolder: withoutSlash(folders?.data),
    logFolder: withoutSlash(folders?.log),
    standIn: null,
    end: async () => undefined,
  });
}

/** A path on the server: `\` where the server is a Windows one. */
export function serverPath(folder: string, name: string): string {
  return folder.includes("\\") ? `${folder}\\${name}` : `${folder}/${name}`;
}

/**
 * Creates a Redpoint-like set of databases (redpoint-schema.ts): Pulse, Pulse_Logging, two for each tenant, RPIRealtime and
 * RPIRealtimeCore, with some rows each. `stop` drops them on a real server. Rejects when one exists.
 */
export async function createRedpoint(
  server: TestSqlServer,
  installation: Partial<RedpointInstallation> = {},
): Promise<{ installation: RedpointInstallation; databases: RedpointDatabase[] }> {
  const whole: RedpointInstallation = {
    version: "6.7.24250",
    tenants: ["Acme", "Globex"],
    connectionTo: (database) => server.connectionString(database),
    ...installation,
  };
  const databases = redpointDatabases(whole);
  const master = await server.connect();
  for (const database of databases) {
    await master.request().batch(createDatabaseStatement(database.name, "sqlserver"));
    server.made.push(database.name);
    const inside = await server.connect({ database: database.name });
    for (const statement of contentStatements(database, whole, "sqlserver")) await inside.request().batch(statement);
    await inside.close();
  }
  await master.close();
  return { installation: whole, databases };
}

async function dropAll(pool: mssql.ConnectionPool, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await pool
      .request()
      .batch(
        `IF DB_ID(N'${name}') IS NOT NULL BEGIN ALTER DATABASE [${name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [${name}]; END`,
      );
  }
}

/** A test that needs a fault or another thing that only the stand-in can do; on a real server it is listed, not run. */
export function standInTest(needs: string, title: string, test: () => Promise<void>): void {
  if (isRealSqlServer) process.stdout.write(`    stand-in only (needs ${needs}): ${title}\n`);
  else it(title, test);
}
