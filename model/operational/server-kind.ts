/** The ways in which a database server is backed up. */
export type ServerKind =
  | "sqlServer"
  | "sqlServerExpress"
  | "azureSqlDatabase"
  | "managedInstance"
  | "amazonRds"
  | "googleCloudSql"
  | "postgresql"
  | "other";

/** What a SQL Server says of itself. */
export interface EditionFacts {
  /** SERVERPROPERTY('EngineEdition'). */
  edition: number;
  /** DB_ID('rdsadmin'). */
  rdsDatabase: number | null;
  /** SUSER_ID('CustomerDbRootRole'). */
  googleRole: number | null;
}

/**
 * Which kind of server it is. Sources: facts/domain.md C1 (EngineEdition 2 Standard, 3 Enterprise, 4 Express, 5 Azure SQL
 * Database, 8 Managed Instance); RDS is 2, 3 or 4 and known by its own database, Google Cloud SQL by its own server role.
 */
export function serverKindOf({ edition, rdsDatabase, googleRole }: EditionFacts): ServerKind {
  if (edition === 5) return "azureSqlDatabase";
  if (edition === 8) return "managedInstance";
  if (rdsDatabase !== null) return "amazonRds";
  if (googleRole !== null) return "googleCloudSql";
  if (edition === 4) return "sqlServerExpress";
  return edition === 1 || edition === 2 || edition === 3 ? "sqlServer" : "other";
}

const names: Record<ServerKind, string> = {
  sqlServer: "SQL Server",
  sqlServerExpress: "SQL Server Express",
  azureSqlDatabase: "Azure SQL Database",
  managedInstance: "Azure SQL Managed Instance",
  amazonRds: "Amazon RDS for SQL Server",
  googleCloudSql: "Google Cloud SQL for SQL Server",
  postgresql: "PostgreSQL",
  other: "a kind of SQL Server that cutover does not know",
};

/** For people. */
export function serverKindName(kind: ServerKind): string {
  return names[kind];
}
