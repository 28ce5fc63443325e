// What the product knows of a SQL Server; the one implementation is clients/sqlserver/connect.ts over the npm package mssql.

/** Where and how to log in; read from a connection string in a Secret. `password` must never be printed. */
export interface SqlServerCredentials {
  host: string;
  port: number;
  /** Named instance; then the port is asked of the SQL Server Browser. */
  instance?: string;
  database: string;
  user: string;
  password: string;
  encrypt: boolean;
  /** `Encrypt=Strict`: TLS before everything else (TDS 8.0, SQL Server 2022). */
  strict?: boolean;
  trustServerCertificate: boolean;
  /** PEM text of the certificate authority; absent: the system's. */
  certificateAuthority?: string;
}

/** A value for a named parameter; the type follows from it (string: nvarchar, number: bigint or float, boolean: bit, Date: datetime2). */
export type SqlValue = string | number | bigint | boolean | Date | null;

/** A message of the server that is no error: 3211 (percent), 3014 (done), 4035 (pages). */
export interface SqlMessage {
  number: number;
  text: string;
}

export interface SqlRequestOptions {
  /** 0: none (BACKUP and RESTORE). Default 30 000; the package's own default of 15 s would kill them. */
  timeoutMilliseconds?: number;
  onMessage?: (message: SqlMessage) => void;
  /** Sends an attention: the server ends the statement. */
  signal?: AbortSignal;
}

/** One pool on one server and database. */
export interface SqlServer {
  /** `host:port`, without a login. */
  readonly server: string;
  /** Rows of the first recordset; values are parameters `@name`, never text in the statement. */
  query<Row>(sql: string, parameters?: Readonly<Record<string, SqlValue>>, options?: SqlRequestOptions): Promise<Row[]>;
  /** Sent as it is, without sp_executesql: statements that must stand alone in their batch. */
  batch<Row>(sql: string, options?: SqlRequestOptions): Promise<Row[]>;
  close(): Promise<void>;
}
