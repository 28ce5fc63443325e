// STAND-IN for SQL Server: what it says about itself.
import type { SqlServerVariant } from "../contracts.ts";
import type { SqlValue } from "../sql/types.ts";
import type { Server } from "./session.ts";

const names: Record<number, string> = { 13: "2016", 14: "2017", 15: "2019", 16: "2022", 17: "2025" };

export function productName(majorVersion: number): string {
  return `SQL Server ${names[majorVersion] ?? `of major version ${majorVersion}`}`;
}

export function productVersion(server: Server): string {
  return `${server.majorVersion}.0.4096.1`;
}

/** EngineEdition: facts/domain.md C1. */
const editions: Record<SqlServerVariant, [engine: number, edition: string]> = {
  standard: [2, "Standard Edition (64-bit)"],
  express: [4, "Express Edition (64-bit)"],
  azure: [5, "SQL Azure"],
  managedInstance: [8, "SQL Azure"],
  rds: [2, "Standard Edition (64-bit)"],
  cloudSql: [2, "Standard Edition (64-bit)"],
};

/** SERVERPROPERTY; null for a name that it does not have. */
export function serverProperty(name: string, server: Server): SqlValue {
  const [engine, edition] = editions[server.variant()];
  const folders = server.variant() === "azure" ? null : server.folders;
  const properties: Record<string, SqlValue> = {
    engineedition: engine,
    edition,
    productversion: productVersion(server),
    productmajorversion: String(server.majorVersion),
    productlevel: "RTM",
    servername: server.name,
    machinename: server.name,
    instancedefaultdatapath: folders === null ? null : `${folders.data}/`,
    instancedefaultlogpath: folders === null ? null : `${folders.log}/`,
    // Only since 2019 (facts/domain.md C1).
    instancedefaultbackuppath: folders === null || server.majorVersion < 15 ? null : folders.backup,
    pathseparator: "/",
    collation: "SQL_Latin1_General_CP1_CI_AS",
    isclustered: 0,
    ishadrenabled: 0,
  };
  const key = name.toLowerCase();
  return Object.hasOwn(properties, key) ? (properties[key] ?? null) : null;
}
