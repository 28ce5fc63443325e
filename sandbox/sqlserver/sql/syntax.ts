// STAND-IN for SQL Server: what a parsed statement looks like.
import type { SqlType, SqlValue } from "./types.ts";

export type Expression =
  | { kind: "literal"; type: SqlType; value: SqlValue }
  | { kind: "variable"; name: string }
  | { kind: "column"; parts: string[] }
  | { kind: "call"; name: string; arguments: Expression[]; star: boolean; distinct: boolean }
  | { kind: "unary"; operator: "-" | "NOT"; operand: Expression }
  | { kind: "binary"; operator: string; left: Expression; right: Expression }
  | { kind: "like"; left: Expression; pattern: Expression; escape: Expression | null; negated: boolean }
  | { kind: "in"; left: Expression; list: Expression[] | Select; negated: boolean }
  | { kind: "isNull"; operand: Expression; negated: boolean }
  | { kind: "cast"; operand: Expression; type: SqlType }
  | { kind: "case"; branches: { when: Expression; then: Expression }[]; otherwise: Expression | null }
  | { kind: "exists"; query: Select }
  | { kind: "subquery"; query: Select };

export interface SelectItem {
  /** A `*`, perhaps of one table. */
  star?: { of: string | null };
  expression?: Expression;
  alias?: string;
  /** SELECT @x = ... */
  assignTo?: string;
}

export interface TableSource {
  /** Database, schema and name as written; or a query. */
  of: string[] | Select;
  alias: string | null;
  join: "first" | "inner" | "left" | "cross";
  on: Expression | null;
}

export interface Select {
  kind: "select";
  distinct: boolean;
  top: Expression | null;
  items: SelectItem[];
  into: string[] | null;
  from: TableSource[];
  where: Expression | null;
  groupBy: Expression[];
  having: Expression | null;
  orderBy: { expression: Expression; descending: boolean }[];
  /** UNION ALL. */
  next: Select | null;
}

export interface ColumnDefinition {
  name: string;
  type: SqlType;
  nullable: boolean;
  identity: boolean;
  defaultValue: Expression | null;
}

export type BackupOptions = Map<string, Expression | true>;

export type Statement = { text: string } & (
  | Select
  | { kind: "insert"; into: string[]; columns: string[]; rows: Expression[][] | Select }
  | { kind: "update"; table: string[]; set: { column: string; value: Expression }[]; where: Expression | null }
  | { kind: "delete"; table: string[]; where: Expression | null }
  | { kind: "createTable"; table: string[]; columns: ColumnDefinition[] }
  | { kind: "createSchema"; name: string }
  | { kind: "alterTable"; table: string[]; add: ColumnDefinition[] }
  | { kind: "dropTable"; table: string[]; ifExists: boolean }
  | { kind: "createDatabase"; name: string; copyOf: string[] | null }
  | { kind: "renameDatabase"; name: string; to: string }
  | { kind: "setDatabase"; name: string; option: string; value: string | null; rollback: boolean }
  | { kind: "dropDatabase"; names: string[]; ifExists: boolean }
  | { kind: "use"; database: string }
  | { kind: "backup"; database: Expression; log: boolean; device: string; path: Expression; options: BackupOptions }
  | {
      kind: "restoreInformation";
      what: "VERIFYONLY" | "HEADERONLY" | "FILELISTONLY";
      device: string;
      path: Expression;
      options: BackupOptions;
    }
  | {
      kind: "restore";
      database: Expression;
      device: string | null;
      path: Expression | null;
      moves: { logical: Expression; to: Expression }[];
      options: BackupOptions;
    }
  | { kind: "declare"; variables: { name: string; type: SqlType; value: Expression | null }[] }
  | { kind: "setVariable"; name: string; value: Expression }
  | { kind: "setOption"; name: string; on: boolean }
  | {
      kind: "execute";
      procedure: string[];
      arguments: { name: string | null; value: Expression; output: boolean }[];
      into: string | null;
    }
  | { kind: "if"; condition: Expression; then: Statement[]; otherwise: Statement[] }
  | { kind: "print"; value: Expression }
  | { kind: "throw"; number: Expression; message: Expression }
  | { kind: "waitFor"; milliseconds: number }
  | { kind: "transaction"; action: "begin" | "commit" | "rollback" }
);
