import { connectSqlServer } from "../../../clients/sqlserver/connect.ts";
import { operationalDatabases, type OperationalDatabases } from "../../../model/operational-databases.ts";
import type { PlatformBackup } from "../../../model/platform-backup.ts";
import type { Receipt } from "../../../model/step.ts";
import { redpointDatabases, tableName } from "../../../sandbox/sqlserver/redpoint-schema.ts";
import { backupOfOperation } from "../../../steps/platform/stored-backup.ts";
import { reference, type BenchOptions, type OperationalBench } from "./operational-bench.ts";
import { createRedpoint, type TestSqlServer } from "./sql-server.ts";

export const tenants = ["acme", "o'neil [x]"];
export const interactions = tableName("rpi_Interaction", "sqlserver");
const tenantTable = tableName("rpi_Tenant", "sqlserver");

/** Runs one statement as the administrator. */
export async function onServer<Row>(server: TestSqlServer, database: string, sql: string): Promise<Row[]> {
  const { host, port, user, password, trustServerCertificate, certificateAuthority } = server;
  const connection = await connectSqlServer(
    {
      ...{ host, port, database, user, password, encrypt: true, trustServerCertificate },
      ...(certificateAuthority === null ? {} : { certificateAuthority }),
    },
    { applicationName: "cutover-test" },
  );
  try {
    return await connection.batch<Row>(sql);
  } finally {
    await connection.close();
  }
}

/** Pulse, its logging, realtime and two databases a tenant, whose connections lead to this server. */
export async function installRedpoint(server: TestSqlServer): Promise<void> {
  await createRedpoint(server, { tenants });
}

/** Names that these tests make: on a real server nothing else may be looked at or dropped. */
const own = new RegExp(
  `^(v7_)?(${redpointDatabases({ version: "", tenants, connectionTo: () => "" })
    .map(({ name }) => name.replaceAll(/[[\]]/g, "\\$&"))
    .join("|")})(_(restore|replaced)_\\d{8}[T_]\\d{6}Z?)?$`,
);

/** Databases that these tests made. */
export async function databaseNames(server: TestSqlServer): Promise<string[]> {
  const rows = await onServer<{ name: string }>(server, "master", "SELECT name FROM sys.databases ORDER BY name");
  return rows.map(({ name }) => name).filter((name) => own.test(name));
}

/** Content of a tenant's database. */
export async function interactionStates(server: TestSqlServer, database: string): Promise<string[]> {
  const rows = await onServer<{ State: string }>(server, database, `SELECT [State] FROM ${interactions} ORDER BY [Id]`);
  return rows.map(({ State }) => State);
}

/** What the core database stores as the tenants' connections. */
export async function storedConnections(server: TestSqlServer, core: string): Promise<string[]> {
  const sql = `SELECT [OperationalConnection] AS a, [AuditConnection] AS b FROM ${tenantTable}`;
  return (await onServer<{ a: string; b: string }>(server, core, sql)).flatMap(({ a, b }) => [a, b]);
}

export async function dropDatabases(server: TestSqlServer, which: (name: string) => boolean): Promise<void> {
  const states = await onServer<{ name: string; state_desc: string }>(
    server,
    "master",
    "SELECT name, state_desc FROM sys.databases",
  );
  for (const name of (await databaseNames(server)).filter(which)) {
    const quoted = `[${name.replaceAll("]", "]]")}]`;
    const online = states.some((one) => one.name === name && one.state_desc === "ONLINE");
    if (online) await onServer(server, "master", `ALTER DATABASE ${quoted} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`);
    await onServer(server, "master", `DROP DATABASE ${quoted}`);
  }
}

const rows = (column: string) =>
  `SELECT [Name] AS tenant, [${column}] AS server, [${column}] AS [database] FROM ${tenantTable}`;
const move = (column: string) =>
  `[${column}] = CASE WHEN [${column}] = @oldConnection THEN @connection ELSE [${column}] END`;
export const statements = {
  query: `${rows("OperationalConnection")} UNION ALL ${rows("AuditConnection")}`,
  rewrite: `UPDATE ${tenantTable} SET ${move("OperationalConnection")}, ${move("AuditConnection")} WHERE [Name] = @tenant`,
};

/** The settings of one server, whose connection string the bench knows by the key. */
export function serverAt(key: string, { standIn, trustServerCertificate }: TestSqlServer): Record<string, unknown> {
  const authority = standIn === null ? {} : { certificateAuthority: standIn.caFile };
  return { connection: reference(key), trustServerCertificate, ...authority };
}

/** Settings of a stack whose databases are on the server of the connection string `v6`. */
export function settingsOf(v6: TestSqlServer, changes: Record<string, unknown>): OperationalDatabases {
  return operationalDatabases.parse({
    provider: "sqlserver",
    mode: "inPlace",
    server: serverAt("v6", v6),
    realtime: ["RPIRealtime", "RPIRealtimeCore"],
    backupFolder: v6.backupFolder,
    ...changes,
  });
}

export function runBackupStep(
  bench: OperationalBench,
  settings: OperationalDatabases,
  attempt = "1.1",
): Promise<{ receipt: Receipt; lines: string[] }> {
  const spec = { nodes: [], procedure: null, operationalDatabases: settings, folder: "backups", acknowledged: [] };
  return bench.run({ step: "backup", attempt, spec });
}

export function runCloneStep(
  bench: OperationalBench,
  settings: OperationalDatabases,
  options: Partial<BenchOptions> = {},
): Promise<{ receipt: Receipt; lines: string[] }> {
  return bench.run({ ...options, step: "clone", spec: { operationalDatabases: settings, folder: "backups" } });
}

/** The manifest of the backup that the run took. */
export async function savedBackup(bench: OperationalBench): Promise<PlatformBackup> {
  const found = await backupOfOperation(bench.context({ step: "restore" }));
  if (found?.backup === null || found === null) throw new Error("the run has no backup");
  return found.backup;
}
