// Every T-SQL statement that the product can send to SQL Server, one entry per statement, each with its source. There are no others
// but: those that the user configures (tenant connections, tenant settings, gates `sql`), and what the npm packages send by
// themselves: tedious sets its session options at each login ("set ansi_nulls on" ...), sp_executesql carries statements with parameters.
export { send, type BackupDevice, type Statement } from "./statements/statement.ts";
export * from "./statements/look.ts";
export * from "./statements/backup.ts";
export * from "./statements/restore.ts";
export * from "./statements/tables.ts";
export * from "./statements/managed.ts";
export * from "./statements/catalog.ts";
