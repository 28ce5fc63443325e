import type { SqlRequestOptions, SqlServer, SqlValue } from "../contracts.ts";

/** One T-SQL statement as it is sent; `Row` is what it returns. */
export interface Statement<Row = never> {
  sql: string;
  /** Values of `@name` in the statement; absent: it has none and is sent as a batch of its own, without sp_executesql. */
  parameters?: Readonly<Record<string, SqlValue>>;
  /** Where the statement is documented: facts/domain.md, SQL: and AZ: (github.com/MicrosoftDocs/sql-docs), or RDS. */
  source: string;
  /** Only for the types; never set. */
  row?: Row;
}

/** Sends a statement. `server` must be connected to the database that the statement's description names. */
export function send<Row>(server: SqlServer, statement: Statement<Row>, options?: SqlRequestOptions): Promise<Row[]> {
  const { sql, parameters } = statement;
  return parameters === undefined ? server.batch<Row>(sql, options) : server.query<Row>(sql, parameters, options);
}

/** A backup device: a file as the server sees it, or a URL (`https://` Azure blob, `s3://`). */
export interface BackupDevice {
  kind: "disk" | "url";
  path: string;
}
