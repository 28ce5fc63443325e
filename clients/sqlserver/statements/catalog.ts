// What gates ask of one database's catalog. All run in that database.
import type { Statement } from "./statement.ts";

/** No row: there is no such table or view, or the login cannot see it. */
export function relationNamed(schema: string, name: string): Statement<{ id: number }> {
  return {
    sql: `SELECT o.object_id AS id FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id WHERE s.name = @schema AND o.name = @name AND o.type_desc IN (N'USER_TABLE', N'VIEW')`,
    parameters: { schema, name },
    source: "SQL:relational-databases/system-catalog-views/sys-objects-transact-sql.md",
  };
}

/** No row: there is no such column. */
export function columnNamed(schema: string, relation: string, column: string): Statement<{ id: number }> {
  return {
    sql: `SELECT c.column_id AS id FROM sys.columns c JOIN sys.objects o ON o.object_id = c.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id WHERE s.name = @schema AND o.name = @relation AND c.name = @column AND o.type_desc IN (N'USER_TABLE', N'VIEW')`,
    parameters: { schema, relation, column },
    source: "SQL:relational-databases/system-catalog-views/sys-columns-transact-sql.md",
  };
}
