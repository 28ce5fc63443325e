import type { Client, ClientConfig } from "pg";
import { CutoverError, messageOf } from "../model/error.ts";
import type { DatabaseCredentials, Postgres } from "./contracts.ts";
import { codeOf } from "./kubernetes-error.ts";

export { readCredentials } from "./database-credentials.ts";

export interface PostgresOptions {
  /** Shown in pg_stat_activity; cut to 63 bytes by the server. */
  applicationName: string;
  /** The server ends longer statements; absent: no limit. */
  statementTimeoutMilliseconds?: number;
  /** Default 10 000. */
  connectTimeoutMilliseconds?: number;
}

/**
 * Opens one connection. Errors of statements are pg's own, with the SQLSTATE in `code`; 8-byte integers and numerics come as text.
 * @throws CutoverError CUT-4203 when the server cannot be reached, CUT-4204 when it refuses the login, the database or the kind of connection.
 */
export async function connectPostgres(credentials: DatabaseCredentials, options: PostgresOptions): Promise<Postgres> {
  const { default: pg } = await import("pg");
  const client = new pg.Client(configOf(credentials, options));
  // A connection that is cut while idle would otherwise end the process; the next query reports it.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw connectError(credentials, error);
  }
  return postgresOver(client, credentials);
}

function postgresOver(client: Client, credentials: DatabaseCredentials): Postgres {
  return {
    async query<Row>(sql: string, parameters: readonly unknown[] = []) {
      try {
        return (await client.query(sql, [...parameters])).rows as Row[];
      } catch (error) {
        // SQLSTATEs have five characters; everything else means that the connection is gone.
        if (/^[0-9A-Z]{5}$/.test(codeOf(error)) && !lostConnection.test(codeOf(error))) throw error;
        throw connectError(credentials, error);
      }
    },
    async close() {
      await client.end().catch(() => undefined);
    },
  };
}

// Class 08, and shutdown or crash of the server.
const lostConnection = /^(08|57P0[123])/;

function configOf(credentials: DatabaseCredentials, options: PostgresOptions): ClientConfig {
  return {
    host: credentials.host,
    port: credentials.port,
    database: credentials.database,
    user: credentials.user,
    password: credentials.password,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMilliseconds ?? 10_000,
    keepAlive: true,
    ssl: tlsOf(credentials),
    ...(options.statementTimeoutMilliseconds === undefined
      ? {}
      : { statement_timeout: options.statementTimeoutMilliseconds }),
  };
}

function tlsOf(credentials: DatabaseCredentials): ClientConfig["ssl"] {
  const ca = credentials.rootCertificate === undefined ? {} : { ca: credentials.rootCertificate };
  switch (credentials.sslMode ?? "disable") {
    case "disable":
      return false;
    case "require":
      return { rejectUnauthorized: false };
    case "verify-ca":
      return { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case "verify-full":
      return { ...ca, rejectUnauthorized: true };
  }
}

function connectError(credentials: DatabaseCredentials, cause: unknown): CutoverError {
  const { host, port, database, user } = credentials;
  const code = codeOf(cause);
  const refused = /^(28|3D|42501|53300)/.test(code);
  const message = messageOf(cause).replaceAll(credentials.password, "[redacted]") || code;
  return new CutoverError(
    {
      code: refused ? "CUT-4204" : "CUT-4203",
      verdict: "errored",
      happened: refused
        ? `PostgreSQL at ${host}:${port} refused user ${user} for database ${database}.`
        : `PostgreSQL at ${host}:${port} cannot be reached.`,
      evidence: [code === "" || message.includes(code) ? message : `${code}: ${message}`],
      next: refused
        ? "Check user, password, database name and db_sslmode in the Secret, and the server's pg_hba.conf."
        : `Check that the server runs and is reachable: pg_isready -h ${host} -p ${port}`,
      exitCode: 17,
    },
    { cause },
  );
}
