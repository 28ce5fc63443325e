// STAND-IN for SQL Server: CREATE, ALTER and DROP of tables and schemas.
import type { ColumnDefinition, Statement } from "../sql/syntax.ts";
import { fullName, tableOf } from "./catalog.ts";
import { compile } from "./compile.ts";
import { findTable, sameName, type Database, type Table, type TableColumn } from "./database.ts";
import { requireInDatabase } from "./permissions.ts";
import { noRow, type Scope } from "./scope.ts";
import { SqlError } from "./sql-error.ts";
import { changed, willChange } from "./transactions.ts";
import { convert } from "./values.ts";

type Of<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }>;

export function runCreateTable(statement: Of<"createTable">, scope: Scope): void {
  const { database, schema, name } = fullName(statement.table, scope.session);
  requireInDatabase(scope.session, "CREATE TABLE", database);
  if (findTable(database.content, schema, name) !== undefined) {
    throw new SqlError(2714, `There is already an object named '${name}' in the database.`);
  }
  willChange(scope.session, database);
  addTable(
    database,
    schema,
    name,
    statement.columns.map((column) => tableColumn(column, scope)),
  );
  changed(scope.session, database);
}

/** @throws SqlError 2760 when the schema does not exist. */
export function addTable(database: Database, schema: string, name: string, columns: TableColumn[]): Table {
  const { content } = database;
  if (!content.schemas.some((each) => sameName(each, schema))) {
    throw new SqlError(
      2760,
      `The specified schema name "${schema}" either does not exist or you do not have permission to use it.`,
    );
  }
  const objectId = content.nextObjectId;
  content.nextObjectId += 16;
  const table: Table = {
    objectId,
    schema,
    name,
    createdAt: new Date().toISOString(),
    columns,
    rows: [],
    nextIdentity: 1,
  };
  content.tables.push(table);
  return table;
}

function tableColumn(column: ColumnDefinition, scope: Scope): TableColumn {
  const value = column.defaultValue === null ? null : compile(column.defaultValue, scope).evaluate(noRow);
  const { name, type, nullable, identity } = column;
  return { name, type, nullable, identity, defaultValue: convert(value, type) };
}

export function runAlterTable(statement: Of<"alterTable">, scope: Scope): void {
  const { database, table } = tableOf(statement.table, scope.session);
  requireInDatabase(scope.session, "ALTER", database);
  const added = statement.add.map((column) => tableColumn(column, scope));
  for (const column of added) {
    if (table.columns.some((each) => sameName(each.name, column.name))) {
      throw new SqlError(
        2705,
        `Column names in each table must be unique. Column name '${column.name}' in table '${table.name}' is specified more than once.`,
      );
    }
    if (!column.nullable && column.defaultValue === null && table.rows.length > 0) {
      throw new SqlError(
        4901,
        `ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition specified. Column '${column.name}' cannot be added to non-empty table '${table.name}' because it does not satisfy these conditions.`,
      );
    }
  }
  willChange(scope.session, database);
  table.columns = [...table.columns, ...added];
  const values = added.map((column) => (column.nullable ? null : column.defaultValue));
  table.rows = table.rows.map((row) => [...row, ...values]);
  changed(scope.session, database);
}

export function runDropTable(statement: Of<"dropTable">, scope: Scope): void {
  const { database, schema, name } = fullName(statement.table, scope.session);
  requireInDatabase(scope.session, "ALTER", database);
  const table = findTable(database.content, schema, name);
  if (table === undefined) {
    if (statement.ifExists) return;
    throw new SqlError(
      3701,
      `Cannot drop the table '${name}', because it does not exist or you do not have permission.`,
      11,
    );
  }
  willChange(scope.session, database);
  const { content } = database;
  content.tables = content.tables.filter((each) => each !== table);
  content.properties = content.properties.filter((each) => each.majorId !== table.objectId);
  changed(scope.session, database);
}

export function runCreateSchema(name: string, scope: Scope): void {
  const { database } = scope.session;
  requireInDatabase(scope.session, "ALTER", database);
  if (database.content.schemas.some((each) => sameName(each, name))) {
    throw new SqlError(2714, `There is already an object named '${name}' in the database.`);
  }
  willChange(scope.session, database);
  database.content.schemas.push(name);
  changed(scope.session, database);
}
