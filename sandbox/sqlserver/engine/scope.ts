// STAND-IN for SQL Server: what an expression may refer to.
import type { Column, SqlType, SqlValue } from "../sql/types.ts";
import type { Session } from "./session.ts";

/** One table of a FROM. */
export interface Source {
  /** By which its columns are called: alias, or the table's name. */
  alias: string;
  columns: readonly Column[];
}

export interface Variable {
  type: SqlType;
  value: SqlValue;
}

/** Where an expression stands. `parent` is the query around a subquery. */
export interface Scope {
  session: Session;
  /** By lower-case name without @. */
  variables: Map<string, Variable>;
  sources: readonly Source[];
  parent: Scope | null;
}

/** The rows that an expression is computed for: one row of each source. */
export interface RowContext {
  rows: readonly (readonly SqlValue[])[];
  parent: RowContext | null;
  /** For aggregates: all rows of the group. */
  group?: readonly RowContext[];
}

/** An expression that knows its type before it sees a row. */
export interface Compiled {
  type: SqlType;
  evaluate(row: RowContext): SqlValue;
}

export const noRow: RowContext = { rows: [], parent: null };
