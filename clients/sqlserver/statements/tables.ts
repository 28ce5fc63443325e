// Copies of single tables inside their database, and the mark that says which run made them. All run in the table's database.
import { quoteLiteral, quoteQualifiedName } from "../quoting.ts";
import type { Statement } from "./statement.ts";

/** Name of the extended property that a copy carries. */
export const copyMark = "cutover_run";

/**
 * Copy and mark in one transaction: SELECT INTO alone leaves an empty table behind when it fails.
 * Columns and rows only: indexes, constraints and grants stay with the original.
 */
export function copyTable(input: { schema: string; table: string; copy: string; run: string }): Statement {
  const { schema, table, copy, run } = input;
  return {
    sql: `SET XACT_ABORT ON; BEGIN TRANSACTION; SELECT * INTO ${quoteQualifiedName(schema, copy)} FROM ${quoteQualifiedName(schema, table)}; EXEC sys.sp_addextendedproperty ${quoteLiteral(copyMark)}, ${quoteLiteral(run)}, N'SCHEMA', ${quoteLiteral(schema)}, N'TABLE', ${quoteLiteral(copy)}; COMMIT TRANSACTION`,
    source:
      "facts/domain.md A8; SQL:t-sql/queries/select-into-clause-transact-sql.md; SQL:relational-databases/system-stored-procedures/sp-addextendedproperty-transact-sql.md",
  };
}

/** Null: there is no such table, or the login cannot see it. */
export function tableId(schema: string, table: string): Statement<{ id: number | null }> {
  return {
    sql: `SELECT OBJECT_ID(@name, N'U') AS id`,
    parameters: { name: quoteQualifiedName(schema, table) },
    source: "SQL:t-sql/functions/object-id-transact-sql.md",
  };
}

/** The run that made a copy; no row: the table carries no mark. */
export function copiedBy(schema: string, table: string): Statement<{ run: string }> {
  return {
    sql: `SELECT CAST(e.value AS nvarchar(256)) AS run FROM sys.extended_properties e WHERE e.class = 1 AND e.minor_id = 0 AND e.major_id = OBJECT_ID(@name, N'U') AND e.name = @mark`,
    parameters: { name: quoteQualifiedName(schema, table), mark: copyMark },
    source:
      "SQL:relational-databases/system-catalog-views/extended-properties-catalog-views-sys-extended-properties.md",
  };
}

/** Copies of a table that a run made; `pattern` of LIKE over their names. */
export function copiesMadeBy(schema: string, pattern: string, run: string): Statement<{ name: string }> {
  return {
    sql: `SELECT t.name FROM sys.extended_properties e JOIN sys.tables t ON t.object_id = e.major_id JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE e.class = 1 AND e.minor_id = 0 AND e.name = @mark AND CAST(e.value AS nvarchar(256)) = @run AND s.name = @schema AND t.name LIKE @pattern ORDER BY t.name`,
    parameters: { mark: copyMark, run, schema, pattern },
    source:
      "SQL:relational-databases/system-catalog-views/extended-properties-catalog-views-sys-extended-properties.md",
  };
}

/** Exact number of rows. */
export function countRows(schema: string, table: string): Statement<{ rows: string | number }> {
  return {
    sql: `SELECT COUNT_BIG(*) AS [rows] FROM ${quoteQualifiedName(schema, table)}`,
    source: "SQL:t-sql/functions/count-big-transact-sql.md",
  };
}

/** Whether the login may copy: create tables in the database, change the schema, read the table. */
export function copyRights(
  schema: string,
  table: string,
): Statement<{ may_create: number | null; may_alter: number | null; may_select: number | null }> {
  return {
    sql: `SELECT HAS_PERMS_BY_NAME(NULL, N'DATABASE', N'CREATE TABLE') AS may_create, HAS_PERMS_BY_NAME(@schema, N'SCHEMA', N'ALTER') AS may_alter, HAS_PERMS_BY_NAME(@name, N'OBJECT', N'SELECT') AS may_select`,
    parameters: { schema: quoteQualifiedName(schema), name: quoteQualifiedName(schema, table) },
    source: "SQL:t-sql/functions/has-perms-by-name-transact-sql.md",
  };
}
