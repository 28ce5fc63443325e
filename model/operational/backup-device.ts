import type { ServerKind } from "./server-kind.ts";

/** Why backups cannot go to this folder on this kind of server; null: they can. */
export function folderProblem(kind: ServerKind, folder: string): string | null {
  const url = isUrl(folder);
  const arn = /^arn:aws[a-z-]*:s3:::[^/]+/i.test(folder);
  switch (kind) {
    case "managedInstance":
      return /^https:\/\//i.test(folder)
        ? null
        : "a Managed Instance backs up to a URL only: https://<account>.blob.core.windows.net/<container>, with a credential of that name on the instance";
    case "amazonRds":
      return arn ? null : "Amazon RDS backs up to S3 only: arn:aws:s3:::<bucket>/<folder>";
    case "azureSqlDatabase":
    case "postgresql":
      return null;
    case "sqlServer":
    case "sqlServerExpress":
      if (arn)
        return "an ARN is Amazon RDS' way, and this server is none; give a folder as the server sees it, or a URL";
      return url || /^([a-z]:[\\/]|\\\\|\/)/i.test(folder)
        ? null
        : "it has to be an absolute folder as the server sees it (D:\\Backup, \\\\share\\backup, /var/opt/mssql/backup) or a URL";
    case "googleCloudSql":
      return "backups of Google Cloud SQL are made by its own API, which this version does not use";
    case "other":
      return "this kind of server is not known to take backups";
  }
}

/** Devices of `TO URL`: Azure blob storage, and S3 from SQL Server 2022 on. */
export function isUrl(folder: string): boolean {
  return /^(https|s3):\/\//i.test(folder);
}
