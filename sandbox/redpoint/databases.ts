import {
  contentStatements,
  createDatabaseStatement,
  redpointDatabases,
  tableName,
  type RedpointDatabase,
  type RedpointInstallation,
} from "../sqlserver/redpoint-schema.ts";
import { identifier } from "../sqlserver/redpoint-dialect.ts";
import { settingsQuery, tenantConnectionsQuery, versionQuery } from "../sqlserver/redpoint-migration.ts";
import { runIn, type RedpointServer } from "./servers.ts";

/** Creates all databases of an installation with their content. Fails when one exists. */
export async function createInstallation(
  server: RedpointServer,
  installation: RedpointInstallation,
): Promise<RedpointDatabase[]> {
  const databases = redpointDatabases(installation);
  const administration = server.provider === "sqlserver" ? "master" : "postgres";
  await runIn(
    server,
    administration,
    databases.map(({ name }) => createDatabaseStatement(name, server.provider)),
  );
  for (const database of databases) {
    await runIn(server, database.name, contentStatements(database, installation, server.provider));
  }
  return databases;
}

/** Drops databases that `createInstallation` made: only needed on servers that outlive the sandbox. */
export async function dropInstallation(server: RedpointServer, databases: readonly RedpointDatabase[]): Promise<void> {
  const administration = server.provider === "sqlserver" ? "master" : "postgres";
  for (const { name } of databases) {
    await runIn(server, administration, [`DROP DATABASE ${identifier(name, server.provider)}`]);
  }
}

/** What a test compares before and after: everything that an upgrade changes in one installation. */
export interface InstallationContent {
  /** Version in Pulse. */
  version: string;
  /** `State` of all interactions by database, in order of their id. */
  interactions: Record<string, string[]>;
  /** Columns of the audit table by database. */
  auditColumns: Record<string, string[]>;
  /** `<tenant> <setting>=<value>`. */
  settings: string[];
}

/** Reads an installation. */
export async function readInstallation(
  server: RedpointServer,
  databases: readonly RedpointDatabase[],
): Promise<InstallationContent> {
  const { provider } = server;
  const content: InstallationContent = { version: "", interactions: {}, auditColumns: {}, settings: [] };
  const text = (row: Record<string, unknown>, key: string): string => String(row[key]);
  for (const { name, role } of databases) {
    if (role === "pulse") {
      content.version = text((await runIn(server, name, [versionQuery(provider)]))[0] ?? {}, "Version");
      const settings = await runIn(server, name, [settingsQuery(provider)]);
      content.settings = settings.map((row) => `${text(row, "Tenant")} ${text(row, "Name")}=${text(row, "Value")}`);
    }
    if (role === "operational") {
      const [state, id] = ["State", "Id"].map((column) => identifier(column, provider));
      const table = tableName("rpi_Interaction", provider);
      const rows = await runIn(server, name, [`SELECT ${state} FROM ${table} ORDER BY ${id}`]);
      content.interactions[name] = rows.map((row) => text(row, "State"));
    }
    if (role === "audit") {
      const rows = await runIn(server, name, [`SELECT * FROM ${tableName("rpi_Audit", provider)}`]);
      content.auditColumns[name] = Object.keys(rows[0] ?? {});
    }
  }
  return content;
}

/** The tenants' connections that Pulse holds: name, operational, audit. They hold passwords. */
export async function readTenantConnections(
  server: RedpointServer,
  pulse: string,
): Promise<{ tenant: string; operational: string; audit: string }[]> {
  const rows = await runIn(server, pulse, [tenantConnectionsQuery(server.provider)]);
  return rows.map((row) => ({
    tenant: String(row["Name"]),
    operational: String(row["OperationalConnection"]),
    audit: String(row["AuditConnection"]),
  }));
}
