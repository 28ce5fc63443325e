import { isIP } from "node:net";
import { messageOf } from "../../../model/error.ts";
import { withDatabase } from "../database/connection.ts";
import type { RedpointConnection } from "./connection-string.ts";

/** One statement; rows of a query by column name. */
export type RunStatement = (statement: string) => Promise<Record<string, unknown>[]>;

/** Opens a connection of the right kind for the time of `work`: the real clients, as any application would use them. */
export async function withRedpointDatabase<Result>(
  connection: RedpointConnection,
  work: (run: RunStatement) => Promise<Result>,
): Promise<Result> {
  if (connection.provider === "sqlserver") return withSqlServer(connection, work);
  const { host, port, database, user, password } = connection;
  return withDatabase({ host, port, database, user, password }, (client) =>
    work(async (statement) => (await client.query<Record<string, unknown>>(statement)).rows),
  );
}

async function withSqlServer<Result>(
  connection: RedpointConnection,
  work: (run: RunStatement) => Promise<Result>,
): Promise<Result> {
  // Loaded only here: Info Mart's simulators never need it.
  const { default: mssql } = await import("mssql");
  const pool = new mssql.ConnectionPool({
    server: connection.host,
    port: connection.port,
    database: connection.database,
    user: connection.user,
    password: connection.password,
    requestTimeout: 0,
    connectionTimeout: 5000,
    pool: { max: 1, min: 0 },
    options: {
      encrypt: connection.encrypt,
      trustServerCertificate: connection.trustServerCertificate,
      appName: "Redpoint (simulated)",
      // A name for TLS: RFC 6066 has no addresses there.
      ...(isIP(connection.host) === 0 ? {} : { serverName: "localhost" }),
    },
  });
  // Without a listener a server that goes down between two statements would end this process.
  pool.on("error", () => undefined);
  try {
    await pool.connect();
    return await work(
      async (statement) => (await pool.request().batch<Record<string, unknown>>(statement)).recordset ?? [],
    );
  } catch (error) {
    throw new Error(`${connection.host},${connection.port}/${connection.database}: ${messageOf(error)}`, {
      cause: error,
    });
  } finally {
    await pool.close().catch(() => undefined);
  }
}
