import type { CutoverError } from "../../model/error.ts";
import type { DatabaseState } from "../../model/operational/restore-moves.ts";
import type { ServerIdentity } from "../../model/operational/server-identity.ts";
import type { DatabaseBackup } from "../../model/platform-backup.ts";

/** A value of a named parameter of the user's statements. */
export type ParameterValue = string | null;

/**
 * One database server as clones and restores need it, whichever provider it is. Nothing here overwrites: `restore` and `rename` fail
 * when the new name is taken.
 */
export interface DatabaseHost {
  readonly provider: "sqlserver" | "postgresql";
  /** `host:port` as in `DatabaseBackup.server`. */
  readonly address: string;
  /** Of the connection string; `database` is the core database. */
  readonly place: { host: string; port: number; database: string };
  /** Why nothing is restored, renamed or removed on this kind of server; null: it is. */
  readonly refusal: CutoverError | null;
  identity(): Promise<ServerIdentity>;
  /** All databases that this login sees. */
  names(): Promise<string[]>;
  /** Databases by name; those that are not there are `absent`. */
  states(names: readonly string[]): Promise<Map<string, DatabaseState>>;
  /** Reads the whole backup and throws when it is not good, or cannot be restored on this server. Changes nothing. */
  verify(backup: DatabaseBackup): Promise<void>;
  /**
   * Restores into a database that does not exist yet; what a kill leaves is `partial`. `like`: the database beside which it is
   * restored and whose owner, locale and rights it gets; null: a clone.
   */
  restore(backup: DatabaseBackup, target: string, like: string | null): Promise<void>;
  /** Rows by table, named as in `DatabaseBackup.rows`. */
  rows(database: string): Promise<Record<string, number>>;
  /** Ends the sessions of the database and gives it another name. */
  rename(from: string, to: string): Promise<void>;
  /** Lets everybody in again, where a rename was interrupted. */
  open(database: string): Promise<void>;
  /** Ends its sessions and removes it; gone already is fine. */
  drop(database: string): Promise<void>;
  /** Runs a statement of the user in one database; parameters are written `@name`. Rows as values in the order of the columns. */
  query(database: string, sql: string, parameters?: Readonly<Record<string, ParameterValue>>): Promise<unknown[][]>;
  close(): Promise<void>;
}

/** The state of one database. */
export async function stateOf(host: DatabaseHost, database: string): Promise<DatabaseState> {
  return (await host.states([database])).get(database) ?? "absent";
}
