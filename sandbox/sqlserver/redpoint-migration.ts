// STAND-IN: what the simulated Redpoint does to its databases in an upgrade, and how tests look at them. Invented like the schema.
import { identifier, literal, textType, type Provider } from "./redpoint-dialect.ts";
import { tableName, type RedpointDatabase } from "./redpoint-schema.ts";

/** Statements of the upgrade 6.x -> 7.x in one database, one by one; not to be run twice, as the real one. */
export function migrationStatements(
  database: RedpointDatabase,
  versions: { from: string; to: string },
  provider: Provider,
): string[] {
  const table = (name: string): string => tableName(name, provider);
  const column = (name: string): string => identifier(name, provider);
  const text = (value: string): string => literal(value, provider);
  const add = (name: string, type: string): string =>
    provider === "sqlserver" ? `ADD ${column(name)} ${type}` : `ADD COLUMN ${column(name)} ${type}`;
  switch (database.role) {
    case "pulse":
      return [
        `CREATE TABLE ${table("rpi_Upgrade")} (${column("FromVersion")} ${textType(50, provider)}, ${column("ToVersion")} ${textType(50, provider)})`,
        `INSERT INTO ${table("rpi_Upgrade")} VALUES (${text(versions.from)}, ${text(versions.to)})`,
        `UPDATE ${table("rpi_Cluster")} SET ${column("Version")} = ${text(versions.to)}`,
      ];
    case "operational":
      return [
        `ALTER TABLE ${table("rpi_Interaction")} ${add("ContainerQueue", textType(200, provider))} NULL`,
        `UPDATE ${table("rpi_Interaction")} SET ${column("ContainerQueue")} = ${column("Channel")}, ${column("State")} = ${text("Migrated")}`,
      ];
    case "audit":
      return [
        `ALTER TABLE ${table("rpi_Audit")} ${add("Origin", textType(50, provider))} NULL`,
        `UPDATE ${table("rpi_Audit")} SET ${column("Origin")} = ${text(`v${versions.from}`)}`,
      ];
    case "logging":
    case "realtime":
    case "realtimeCore":
      return [];
  }
}

/** One row, column `Version`. Run it connected to Pulse. */
export function versionQuery(provider: Provider): string {
  return `SELECT ${identifier("Version", provider)} FROM ${tableName("rpi_Cluster", provider)}`;
}

/** Rows Name, OperationalConnection, AuditConnection. Run it connected to Pulse. The values may hold passwords. */
export function tenantConnectionsQuery(provider: Provider): string {
  const columns = ["Name", "OperationalConnection", "AuditConnection"].map((name) => identifier(name, provider));
  return `SELECT ${columns.join(", ")} FROM ${tableName("rpi_Tenant", provider)} ORDER BY ${identifier("Name", provider)}`;
}

/** Rows Tenant, Name, Value. Run it connected to Pulse. */
export function settingsQuery(provider: Provider): string {
  const columns = ["Tenant", "Name", "Value"].map((name) => identifier(name, provider));
  return `SELECT ${columns.join(", ")} FROM ${tableName("rpi_Setting", provider)} ORDER BY ${columns.slice(0, 2).join(", ")}`;
}
