// STAND-IN: what the simulated deployment API does in an upgrade. As the real one it follows the tenants' connections that Pulse
// holds: in a clone whose connections were not rewritten, these are the databases of the running v6 (facts/domain.md A8).
import { literal } from "../../sqlserver/redpoint-dialect.ts";
import { migrationStatements, tenantConnectionsQuery, versionQuery } from "../../sqlserver/redpoint-migration.ts";
import { tableName, type RedpointDatabase, type RedpointRole } from "../../sqlserver/redpoint-schema.ts";
import { readConnectionString, type RedpointConnection } from "./connection-string.ts";
import { withRedpointDatabase } from "./database.ts";

export interface Upgrade {
  /** Connection string of Pulse. */
  pulse: RedpointConnection;
  /** Name of the logging database, for the messages. */
  logging: string;
  /** `ClusterEnvironment__OperationalDatabase__DatabaseType`; empty: the chart set none. */
  databaseType: string;
  /** Version that the databases have afterwards. */
  to: string;
  /** One line for the run's messages. */
  say: (text: string) => void;
  /** After each database, with the number of tenants' databases done so far; may take its time, may throw. */
  between: (done: number) => Promise<void>;
}

/** Statements that bring one database from 6.x or 7.x to a 7.x; none where nothing changes. */
export function upgradeStatements(
  database: RedpointDatabase,
  versions: { from: string; to: string },
  provider: RedpointConnection["provider"],
): string[] {
  if (versions.from.startsWith("6.")) return migrationStatements(database, versions, provider);
  if (database.role !== "pulse" || versions.from === versions.to) return [];
  const text = (value: string): string => literal(value, provider);
  const column = provider === "sqlserver" ? "[Version]" : '"Version"';
  return [
    `INSERT INTO ${tableName("rpi_Upgrade", provider)} VALUES (${text(versions.from)}, ${text(versions.to)})`,
    `UPDATE ${tableName("rpi_Cluster", provider)} SET ${column} = ${text(versions.to)}`,
  ];
}

/** Migrates Pulse and all databases that its tenants point at. Not in one transaction: what was done stays when it throws. */
export async function upgradeDatabases(upgrade: Upgrade): Promise<void> {
  const { pulse, to, say } = upgrade;
  say("Upgrade starting");
  if (upgrade.databaseType === "") throw new Error("Operational Database Type is not set");
  say(`Operational Database Type: ${upgrade.databaseType}`);
  say(`Pulse Database Name: ${pulse.database}`);
  say(`Logging Database Name: ${upgrade.logging}`);
  say(`Database Host: ${pulse.host}`);
  const { from, tenants } = await withRedpointDatabase(pulse, async (run) => ({
    from: textOf((await run(versionQuery(pulse.provider)))[0], "Version"),
    tenants: await run(tenantConnectionsQuery(pulse.provider)),
  }));
  say(`Version before upgrade ${from}`);
  say(`Upgrading to version ${to}`);
  say("Upgrading the database");
  await upgrade.between(0);
  let done = 0;
  for (const row of tenants) {
    for (const [column, role] of [
      ["OperationalConnection", "operational"],
      ["AuditConnection", "audit"],
    ] as const) {
      await apply(readConnectionString(textOf(row, column)), role, { from, to });
      done += 1;
      await upgrade.between(done);
    }
  }
  say("Updating database version");
  await apply(pulse, "pulse", { from, to });
  say("Adding 'what is new'");
  say("Loading Plugins");
}

function textOf(row: Record<string, unknown> | undefined, column: string): string {
  const value = row?.[column];
  return typeof value === "string" ? value : "";
}

async function apply(
  connection: RedpointConnection,
  role: RedpointRole,
  versions: { from: string; to: string },
): Promise<void> {
  const statements = upgradeStatements({ name: connection.database, role }, versions, connection.provider);
  if (statements.length === 0) return;
  await withRedpointDatabase(connection, async (run) => {
    for (const statement of statements) await run(statement);
  });
}
