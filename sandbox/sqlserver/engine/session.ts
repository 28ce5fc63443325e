// STAND-IN for SQL Server: one connection, and the server that it is connected to.
import type { Column, SqlValue } from "../sql/types.ts";
import type { FaultBoard } from "../fault-board.ts";
import type { SqlServerLogin, SqlServerVariant } from "../contracts.ts";
import type { Content, Database } from "./database.ts";
import type { SqlError } from "./sql-error.ts";
import type { Store } from "./store.ts";

/** Where answers go: over the wire, or nowhere once the connection is lost. */
export interface Answers {
  columns(columns: readonly Column[]): void;
  row(values: readonly SqlValue[]): void;
  /** The end of a statement; rows that it returned or changed, null where that is not counted. */
  done(rows: number | null): void;
  /** Information, sent at once. Statements throw their errors as SqlError. */
  information(number: number, text: string): void;
  /** An error with its causes, and the end of its statement. */
  failed(error: SqlError): void;
  databaseChanged(now: string, before: string): void;
  transactionChanged(action: "begin" | "commit" | "rollback"): void;
}

/** What a BACKUP or RESTORE is at. */
export interface Running {
  /** As sys.dm_exec_requests names it, such as `BACKUP DATABASE`. */
  command: string;
  /** 0 to 100. */
  percent: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

export interface Transaction {
  /** Contents before the transaction, of the databases that it changed. */
  before: Map<Database, Content>;
}

export interface Session {
  id: number;
  login: SqlServerLogin;
  application: string;
  hostName: string;
  connectedAt: Date;
  server: Server;
  /** Current database. */
  database: Database;
  answers: Answers;
  running: Running | null;
  transaction: Transaction | null;
  /** XACT_ABORT ON: an error rolls the transaction back. */
  abortOnError: boolean;
  /** Aborted by an attention, KILL or the loss of the connection. */
  signal: AbortSignal;
  /** Cuts the connection, as a broken network would; what runs goes on to its end, or is aborted. */
  cut(options?: { workGoesOn: boolean }): void;
  /** Ends what runs, also where it has lost its connection: the server goes down. */
  end(): void;
}

export interface Server {
  name: string;
  majorVersion: number;
  startedAt: Date;
  /** For TO DISK without a folder, and InstanceDefault...Path. */
  folders: { data: string; log: string; backup: string };
  store: Store;
  faults: FaultBoard;
  sessions: Map<number, Session>;
  logins: readonly SqlServerLogin[];
  /** Milliseconds that a BACKUP or RESTORE takes at least. */
  workMilliseconds: number;
  variant(): SqlServerVariant;
}
