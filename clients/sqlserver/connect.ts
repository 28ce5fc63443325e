import { isIP } from "node:net";
import type * as Mssql from "mssql";
import type { ConnectionPool, config as PoolConfig, Request } from "mssql";
import { connectError, notEncrypted } from "./connect-error.ts";
import type { SqlMessage, SqlRequestOptions, SqlServer, SqlServerCredentials, SqlValue } from "./contracts.ts";
import { statementError } from "./statement-error.ts";

export interface SqlServerOptions {
  /** program_name of the sessions, at most 128 characters: by it a statement is found again after a lost connection. */
  applicationName: string;
  /** Default 15 000. */
  connectTimeoutMilliseconds?: number;
}

const defaultTimeoutMilliseconds = 30_000;

/**
 * Opens a pool of its own for one server and database. Encryption is on and certificates are checked unless the credentials say
 * otherwise. Statements end with SqlServerError.
 * @throws CutoverError CUT-4251 cannot be reached, CUT-4252 login refused, CUT-4253 database missing, CUT-4254 certificate not trusted.
 */
export async function connectSqlServer(
  credentials: SqlServerCredentials,
  options: SqlServerOptions,
): Promise<SqlServer> {
  // Late: loading the package takes 0.2 s.
  const { default: mssql } = await import("mssql");
  const loginMessages: SqlMessage[] = [];
  const pool = new mssql.ConnectionPool(configOf(credentials, options, loginMessages));
  // Errors are reported to whoever asks for a connection; without a listener they would end the process.
  pool.on("error", () => undefined);
  try {
    await withoutNameWarning(credentials.host, () => pool.connect());
  } catch (cause) {
    throw connectError(credentials, cause, loginMessages);
  }
  const server =
    credentials.instance === undefined
      ? `${credentials.host}:${credentials.port}`
      : `${credentials.host}\\${credentials.instance}`;
  const run = async <Row>(
    send: (request: Request) => Promise<{ recordset?: unknown }>,
    requestOptions: SqlRequestOptions,
  ): Promise<Row[]> => {
    const { signal, onMessage, timeoutMilliseconds = defaultTimeoutMilliseconds } = requestOptions;
    signal?.throwIfAborted();
    const request = requestWith(mssql.Request, pool, timeoutMilliseconds);
    request.on("info", (info: { number: number; message: string }) =>
      onMessage?.({ number: info.number, text: info.message }),
    );
    const cancel = (): void => void request.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    loginMessages.length = 0;
    try {
      const { recordset } = await send(request);
      return (recordset ?? []) as Row[];
    } catch (cause) {
      signal?.throwIfAborted();
      throw statementError(credentials, server, cause, loginMessages);
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  };
  return {
    server,
    query: (sql, parameters = {}, requestOptions = {}) =>
      run((request) => withParameters(mssql, request, parameters).query(sql), requestOptions),
    batch: (sql, requestOptions = {}) => run((request) => request.batch(sql), requestOptions),
    async close() {
      await pool.close().catch(() => undefined);
    },
  };
}

/** The published types do not know the second argument (README of mssql 12, "new sql.Request(pool, { requestTimeout })"). */
function requestWith(constructor: typeof Request, pool: ConnectionPool, requestTimeout: number): Request {
  const make = constructor as unknown as new (pool: ConnectionPool, overrides: { requestTimeout: number }) => Request;
  return new make(pool, { requestTimeout });
}

function withParameters(
  mssql: Pick<typeof Mssql, "Bit" | "BigInt" | "Float" | "DateTime2" | "NVarChar">,
  request: Request,
  parameters: Readonly<Record<string, SqlValue>>,
): Request {
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value === "boolean") request.input(name, mssql.Bit, value);
    else if (typeof value === "bigint" || Number.isSafeInteger(value)) request.input(name, mssql.BigInt, value);
    else if (typeof value === "number") request.input(name, mssql.Float, value);
    else if (value instanceof Date) request.input(name, mssql.DateTime2, value);
    else request.input(name, mssql.NVarChar, value);
  }
  return request;
}

function configOf(credentials: SqlServerCredentials, options: SqlServerOptions, said: SqlMessage[]): PoolConfig {
  const { host, port, instance, database, user, password, encrypt, strict, certificateAuthority } = credentials;
  return {
    server: host,
    ...(instance === undefined ? { port } : {}),
    database,
    user,
    password,
    connectionTimeout: options.connectTimeoutMilliseconds ?? 15_000,
    requestTimeout: defaultTimeoutMilliseconds,
    pool: { min: 0, max: 4, idleTimeoutMillis: 30_000 },
    // Looks at the socket instead of sending SELECT 1 before each statement.
    validateConnection: "socket",
    options: {
      // Both are said explicitly: defaults of the package have changed before (tedious#1361).
      encrypt: strict === true ? "strict" : encrypt,
      trustServerCertificate: credentials.trustServerCertificate,
      appName: options.applicationName,
      ...(instance === undefined ? {} : { instanceName: instance }),
      ...(strict === true && isIP(host) === 0 ? { serverName: host } : {}),
      ...(certificateAuthority === undefined ? {} : { cryptoCredentialsDetails: { ca: certificateAuthority } }),
      useUTC: true,
    },
    beforeConnect: (connection: unknown) => watchLogin(connection as LoginConnection, encrypt && strict !== true, said),
  };
}

/**
 * Node warns once in a process (DEP0123) when an address is the name to check a certificate against. tedious has no other way to check the
 * certificate of a server that is reached by its address, and the check is what counts; the operator can do nothing about it.
 */
async function withoutNameWarning<Value>(host: string, connect: () => Promise<Value>): Promise<Value> {
  const before = process.noDeprecation === true;
  if (isIP(host) === 0 || before) return connect();
  process.noDeprecation = true;
  try {
    return await connect();
  } finally {
    process.noDeprecation = before;
  }
}

/** What is used of tedious' connection. */
interface LoginConnection {
  on(event: "errorMessage", listener: (token: { number: number; message: string }) => void): void;
  once(event: "secure" | "connect", listener: () => void): void;
  sendLogin7Packet?: () => void;
}

/**
 * Collects the numbers of login errors, which the package's error leaves out. And keeps the login back when the connection is
 * not encrypted although it has to be: tedious goes on in clear when the server says that it does not support encryption.
 */
function watchLogin(connection: LoginConnection, mustEncrypt: boolean, said: SqlMessage[]): void {
  let secure = false;
  let connected = false;
  connection.once("secure", () => (secure = true));
  connection.once("connect", () => (connected = true));
  connection.on("errorMessage", (token) => {
    if (!connected) said.push({ number: token.number, text: token.message });
  });
  if (!mustEncrypt) return;
  const sendLogin = connection.sendLogin7Packet;
  connection.sendLogin7Packet = () => {
    if (secure && sendLogin !== undefined) return sendLogin.call(connection);
    throw Object.assign(new Error("the server did not agree to encrypt the connection"), { code: notEncrypted });
  };
}
