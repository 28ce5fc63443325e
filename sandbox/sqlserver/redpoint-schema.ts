// STAND-IN: a simulated Redpoint schema. No public document names Redpoint's tables (facts/domain.md A8, "NF"): every table,
// column and row here is invented, just enough that a backup, a clone, a migration and a rollback have content to check.
import { identifier, literal, textType, timeType, type Provider } from "./redpoint-dialect.ts";

export type { Provider } from "./redpoint-dialect.ts";

/** What a database is for; the names are Redpoint's own (facts/domain.md A8). */
export type RedpointRole = "pulse" | "logging" | "operational" | "audit" | "realtime" | "realtimeCore";

export interface RedpointDatabase {
  name: string;
  role: RedpointRole;
  /** Only of operational and audit databases. */
  tenant?: string;
}

/** A simulated installation: one cluster of `Pulse`, `Pulse_Logging`, two databases a tenant, and Realtime's two. */
export interface RedpointInstallation {
  /** Such as "6.7.24250". */
  version: string;
  tenants: readonly string[];
  /** With RPIRealtime and RPIRealtimeCore. Default true. */
  realtime?: boolean;
  /** Names differ where an installation was set up so, or where it is a clone. Default "Pulse", "Pulse_Logging". */
  pulse?: string;
  logging?: string;
  /** Put in front of every tenant's and Realtime's database name: for clones on the same server. Default "". */
  prefix?: string;
  /** What Pulse stores as a tenant's connection to one of its databases; it may hold a password. */
  connectionTo: (database: string) => string;
}

/** What a tenant's settings are before anyone touched them (seed 000: the folder is a path on a v6 node). */
export const settingsOfVersion6: readonly (readonly [name: string, value: string])[] = [
  ["FileExportLocation", "0"],
  ["FileOutputDirectory", "C:\\RPI\\FileAssets"],
  ["FileOutputDirectoryUseGlobal", "true"],
  ["GlobalFileOutputDirectory", "C:\\RPI\\Global"],
  ["DataManagementUploadDirectory", "C:\\RPI\\Upload"],
];

/** All databases of an installation, in the order in which they are made. */
export function redpointDatabases(installation: RedpointInstallation): RedpointDatabase[] {
  const prefix = installation.prefix ?? "";
  const databases: RedpointDatabase[] = [
    { name: installation.pulse ?? "Pulse", role: "pulse" },
    { name: installation.logging ?? "Pulse_Logging", role: "logging" },
  ];
  for (const tenant of installation.tenants) {
    databases.push({ name: `${prefix}Interaction_${tenant}`, role: "operational", tenant });
    databases.push({ name: `${prefix}InteractionAudit_${tenant}`, role: "audit", tenant });
  }
  if (installation.realtime ?? true) {
    databases.push({ name: `${prefix}RPIRealtime`, role: "realtime" });
    databases.push({ name: `${prefix}RPIRealtimeCore`, role: "realtimeCore" });
  }
  return databases;
}

/** To be run alone, on `master` (SQL Server) or any database (PostgreSQL). */
export function createDatabaseStatement(name: string, provider: Provider): string {
  return `CREATE DATABASE ${identifier(name, provider)}`;
}

/** Tables and first rows of one database: run one by one, connected to it. */
export function contentStatements(
  database: RedpointDatabase,
  installation: RedpointInstallation,
  provider: Provider,
): string[] {
  const text = (length: number): string => textType(length, provider);
  const schema = provider === "postgresql" ? ["CREATE SCHEMA IF NOT EXISTS dbo"] : [];
  const create = (table: string, columns: readonly string[]): string =>
    `CREATE TABLE ${tableName(table, provider)} (${columns.join(", ")})`;
  const column = (name: string, type: string): string => `${identifier(name, provider)} ${type} NOT NULL`;
  const insert = (table: string, ...values: readonly (string | number)[]): string =>
    insertStatement(table, values, provider);
  const moment = "2026-01-15T08:30:00";
  switch (database.role) {
    case "pulse":
      return [
        ...schema,
        create("rpi_Cluster", [column("Version", text(50))]),
        create("rpi_Tenant", [
          column("Name", text(100)),
          column("OperationalConnection", text(1000)),
          column("AuditConnection", text(1000)),
        ]),
        create("rpi_Setting", [column("Tenant", text(100)), column("Name", text(200)), column("Value", text(1000))]),
        insert("rpi_Cluster", installation.version),
        ...tenantRows(installation, insert),
      ];
    case "logging":
      return [
        ...schema,
        create("rpi_ErrorLog", [
          column("Id", "int"),
          column("LoggedAt", timeType(provider)),
          column("Message", text(2000)),
        ]),
        insert("rpi_ErrorLog", 1, moment, "Queue listener restarted"),
      ];
    case "operational":
      return [
        ...schema,
        create("rpi_Interaction", [
          column("Id", "int"),
          column("Name", text(200)),
          column("Channel", text(50)),
          column("State", text(50)),
        ]),
        insert("rpi_Interaction", 1, `${database.tenant} welcome`, "email", "Active"),
        insert("rpi_Interaction", 2, `${database.tenant} spring sale`, "sms", "Draft"),
        insert("rpi_Interaction", 3, `${database.tenant} won't come back`, "email", "Completed"),
      ];
    case "audit":
      return [
        ...schema,
        create("rpi_Audit", [
          column("Id", "int"),
          column("HappenedAt", timeType(provider)),
          column("Action", text(200)),
        ]),
        insert("rpi_Audit", 1, moment, "Interaction activated"),
        insert("rpi_Audit", 2, moment, "Enter Maintenance Mode"),
      ];
    case "realtime":
      return [
        ...schema,
        create("rpi_Visitor", [column("Id", "int"), column("Profile", text(2000))]),
        insert("rpi_Visitor", 1, '{"segment":"new"}'),
      ];
    case "realtimeCore":
      return [
        ...schema,
        create("rpi_Client", [column("Id", "int"), column("Name", text(200))]),
        insert("rpi_Client", 1, "realtime-api"),
      ];
  }
}

function tenantRows(
  installation: RedpointInstallation,
  insert: (table: string, ...values: readonly (string | number)[]) => string,
): string[] {
  const prefix = installation.prefix ?? "";
  return installation.tenants.flatMap((tenant) => [
    insert(
      "rpi_Tenant",
      tenant,
      installation.connectionTo(`${prefix}Interaction_${tenant}`),
      installation.connectionTo(`${prefix}InteractionAudit_${tenant}`),
    ),
    ...settingsOfVersion6.map(([name, value]) => insert("rpi_Setting", tenant, name, value)),
  ]);
}

function insertStatement(table: string, values: readonly (string | number)[], provider: Provider): string {
  return `INSERT INTO ${tableName(table, provider)} VALUES (${values.map((value) => literal(value, provider)).join(", ")})`;
}

/** `[dbo].[rpi_Tenant]` or `dbo."rpi_Tenant"`, to be used while connected to the database. */
export function tableName(table: string, provider: Provider): string {
  return provider === "sqlserver" ? `[dbo].${identifier(table, provider)}` : `dbo.${identifier(table, provider)}`;
}
