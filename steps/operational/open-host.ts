import { secretPlace } from "../../clients/connection-secret.ts";
import { sqlServerCredentials } from "../../clients/connection-string.ts";
import { serverFacts, googleRole, send } from "../../clients/sqlserver/statements.ts";
import type { DatabaseServer, OperationalDatabases } from "../../model/operational-databases.ts";
import { serverKindOf, type ServerKind } from "../../model/operational/server-kind.ts";
import type { DatabaseHost } from "./database-host.ts";
import type { OperationalContext, WhichServer } from "./server.ts";
import type { SqlServerAccess } from "./sql-server-host.ts";

/** Connects to one of a stack's two database servers, for clones and restores. The caller closes it. */
export async function openHost(
  context: OperationalContext,
  settings: OperationalDatabases,
  which: WhichServer,
): Promise<DatabaseHost> {
  const server = which === "source" ? (settings.source ?? settings.server) : settings.server;
  switch (settings.provider) {
    case "postgresql": {
      const [{ openPostgres }, { maintenanceDatabase, withPostgres }, { postgresHost }] = await Promise.all([
        import("./open-postgres.ts"),
        import("./postgres-access.ts"),
        import("./postgres-host.ts"),
      ]);
      const access = await openPostgres(context, server);
      await withPostgres(access, maintenanceDatabase, (connection) => connection.query("SELECT 1"));
      return postgresHost(access, context);
    }
    case "sqlserver":
      return openSqlServerHost(context, settings, server, which);
  }
}

async function openSqlServerHost(
  context: OperationalContext,
  settings: OperationalDatabases,
  server: DatabaseServer,
  which: WhichServer,
): Promise<DatabaseHost> {
  const { request } = context;
  // The same in every attempt: by it a RESTORE that outlived its connection is found again.
  const applicationName = `cutover ${request.stack} ${request.step} ${which}`;
  const connect = (database: string) => context.sqlServer(server, database, applicationName);
  const text = await context.connectionString(server.connection);
  const { host, port, database } = sqlServerCredentials(text, secretPlace(server.connection));
  const master = await connect("master");
  let kind: ServerKind;
  try {
    const [facts] = await send(master, serverFacts);
    const [role] = facts?.edition === 5 ? [] : await send(master, googleRole);
    const { edition = 0, rds = null } = facts ?? {};
    kind = serverKindOf({ edition, rdsDatabase: rds, googleRole: role?.id ?? null });
  } finally {
    await master.close();
  }
  const access: SqlServerAccess = { kind, place: { host, port, database }, applicationName, connect };
  const places = { dataFolder: settings.clone?.dataFolder ?? null, logFolder: settings.clone?.logFolder ?? null };
  const { sqlServerHost } = await import("./sql-server-host.ts");
  return sqlServerHost(access, context, places);
}
