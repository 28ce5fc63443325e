import { CutoverError } from "../../model/error.ts";
import { serverKindName, type ServerKind } from "../../model/operational/server-kind.ts";

const ways: Partial<Record<ServerKind, string>> = {
  azureSqlDatabase:
    "Azure SQL Database has no RESTORE: make the copies with CREATE DATABASE ... AS COPY OF [server].[database], or a point-in-time restore in the portal",
  managedInstance:
    "A Managed Instance restores from a URL or to a point in time (Restore-AzSqlInstanceDatabase); do it there",
  amazonRds: "Amazon RDS restores with msdb.dbo.rds_restore_database from S3, or from a snapshot of the instance",
  googleCloudSql: "Cloud SQL imports with gcloud sql import bak, or from a backup of the instance",
};

/** A managed server on which cutover neither makes clones nor swaps databases. */
export function refusedKind(kind: ServerKind, server: string): CutoverError {
  return new CutoverError({
    code: "CUT-5530",
    verdict: "failed",
    happened: `databases are neither cloned nor swapped on ${serverKindName(kind)} (${server})`,
    evidence: [ways[kind] ?? "RESTORE of that kind of server is not known"],
    untouched: "No database was made, changed or removed.",
    next: "Clones: restore the databases that way under the wanted names on a server of their own, and use mode inPlace for that stack. Restore: bring them back that way, stop cutover's services first.",
    exitCode: 2,
  });
}
