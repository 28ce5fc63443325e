import type { SandboxDatabase } from "../contracts.ts";
import { readConnectionString, type RedpointConnection } from "../simulators/redpoint/connection-string.ts";
import { withRedpointDatabase } from "../simulators/redpoint/database.ts";
import type { SqlServer } from "../sqlserver/contracts.ts";
import type { Provider } from "../sqlserver/redpoint-dialect.ts";

/** A server for Redpoint's operational databases, of either kind. */
export interface RedpointServer {
  provider: Provider;
  host: string;
  port: number;
  user: string;
  password: string;
}

/** The stand-in for SQL Server, with its administrator or with another login of it. */
export function onSqlServer(server: SqlServer, login = server.administrator): RedpointServer {
  return { provider: "sqlserver", host: server.host, port: server.port, user: login.user, password: login.password };
}

/** A server somewhere, such as a real SQL Server for tests. `text`: a connection string with any database. */
export function onConnectionString(text: string): RedpointServer {
  const { provider, host, port, user, password } = readConnectionString(text);
  return { provider, host, port, user, password };
}

/** The sandbox's real PostgreSQL. */
export function onPostgres(database: SandboxDatabase): RedpointServer {
  const { host, port, superuser, password } = database;
  return { provider: "postgresql", host, port, user: superuser, password };
}

/** As `databases.operational.server_host` of the chart: with the port, which is none of the usual ones. */
export function serverHost(server: RedpointServer): string {
  return server.provider === "sqlserver" ? `${server.host},${server.port}` : `${server.host};Port=${server.port}`;
}

/** A connection string as Redpoint's Secret and Pulse hold it (facts/domain.md A5). It holds the password. */
export function connectionString(server: RedpointServer, database: string): string {
  const { user, password } = server;
  return server.provider === "postgresql"
    ? // The sandbox's PostgreSQL has no TLS, which has to be said.
      `PostgreSQL:Server=${serverHost(server)};Database=${database};User Id=${user};Password=${password};SSL Mode=Disable;`
    : `Server=tcp:${serverHost(server)};Database=${database};User ID=${user};Password=${password};` +
        "Encrypt=True;TrustServerCertificate=True;Connection Timeout=30;";
}

/** Runs statements in one database, one by one; rows of the last. */
export async function runIn(
  server: RedpointServer,
  database: string,
  statements: readonly string[],
): Promise<Record<string, unknown>[]> {
  const connection: RedpointConnection = { ...server, database, encrypt: true, trustServerCertificate: true };
  return withRedpointDatabase(connection, async (run) => {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = await run(statement);
    return rows;
  });
}
