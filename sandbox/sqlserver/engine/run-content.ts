// STAND-IN for SQL Server: INSERT, UPDATE, DELETE and SELECT INTO.
import type { Select, Statement } from "../sql/syntax.ts";
import type { Column, SqlValue } from "../sql/types.ts";
import { fullName, tableOf } from "./catalog.ts";
import { compile, truth } from "./compile.ts";
import { findTable, sameName, type Table, type TableColumn } from "./database.ts";
import { requireInDatabase, requireOnTable } from "./permissions.ts";
import { addTable } from "./run-definition.ts";
import { noRow, type RowContext, type Scope } from "./scope.ts";
import { prepareSelect } from "./select.ts";
import { SqlError } from "./sql-error.ts";
import { changed, willChange } from "./transactions.ts";
import { convert } from "./values.ts";

type Of<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }>;

/** Rows that were added. */
export function runInsert(statement: Of<"insert">, scope: Scope): number {
  const { database, table } = tableOf(statement.into, scope.session);
  requireOnTable(scope.session, "INSERT", database, table.schema, table.name);
  const given =
    statement.columns.length === 0
      ? table.columns.filter((each) => !each.identity)
      : statement.columns.map((name) => columnOf(table, name));
  const rows = Array.isArray(statement.rows)
    ? statement.rows.map((row) => row.map((value) => compile(value, scope).evaluate(noRow)))
    : prepareSelect(statement.rows, scope).run(null);
  for (const row of rows) {
    if (row.length !== given.length) {
      throw new SqlError(213, "Column name or number of supplied values does not match table definition.");
    }
  }
  willChange(scope.session, database);
  const made = rows.map((row) =>
    table.columns.map((column) => {
      const index = given.indexOf(column);
      if (index < 0) return column.identity ? table.nextIdentity++ : column.defaultValue;
      return row[index] ?? null;
    }),
  );
  for (const row of made) table.rows.push(fitted(row, table, database.name, "INSERT"));
  changed(scope.session, database);
  return made.length;
}

/** Rows that were changed. */
export function runUpdate(statement: Of<"update">, scope: Scope): number {
  const { database, table } = tableOf(statement.table, scope.session);
  requireOnTable(scope.session, "UPDATE", database, table.schema, table.name);
  const inner = scopeOf(table, scope);
  const where = statement.where === null ? null : compile(statement.where, inner);
  const set = statement.set.map(({ column, value }) => ({
    index: table.columns.indexOf(columnOf(table, column)),
    value: compile(value, inner),
  }));
  let count = 0;
  const rows = table.rows.map((row) => {
    const context: RowContext = { rows: [row], parent: null };
    if (where !== null && !truth(where.evaluate(context))) return row;
    count++;
    const made = [...row];
    for (const { index, value } of set) made[index] = value.evaluate(context);
    return fitted(made, table, database.name, "UPDATE");
  });
  willChange(scope.session, database);
  table.rows = rows;
  changed(scope.session, database);
  return count;
}

/** Rows that were removed. */
export function runDelete(statement: Of<"delete">, scope: Scope): number {
  const { database, table } = tableOf(statement.table, scope.session);
  requireOnTable(scope.session, "DELETE", database, table.schema, table.name);
  const where = statement.where === null ? null : compile(statement.where, scopeOf(table, scope));
  const kept = table.rows.filter((row) => where !== null && !truth(where.evaluate({ rows: [row], parent: null })));
  const count = table.rows.length - kept.length;
  willChange(scope.session, database);
  table.rows = kept;
  changed(scope.session, database);
  return count;
}

/** SELECT INTO: makes the table, then fills it. */
export function runSelectInto(select: Select, into: readonly string[], scope: Scope): number {
  const { database, schema, name } = fullName(into, scope.session);
  const query = prepareSelect(select, scope);
  const rows = query.run(null);
  requireInDatabase(scope.session, "CREATE TABLE", database);
  if (findTable(database.content, schema, name) !== undefined) {
    throw new SqlError(2714, `There is already an object named '${name}' in the database.`);
  }
  willChange(scope.session, database);
  const columns = query.columns.map((column) => ({ ...column, identity: false, defaultValue: null }));
  addTable(database, schema, name, columns).rows = rows.map((row) => [...row]);
  changed(scope.session, database);
  return rows.length;
}

function scopeOf(table: Table, scope: Scope): Scope {
  return { ...scope, sources: [{ alias: table.name, columns: table.columns }] };
}

function columnOf(table: Table, name: string): TableColumn {
  const column = table.columns.find((each) => sameName(each.name, name));
  if (column === undefined) throw new SqlError(207, `Invalid column name '${name}'.`);
  return column;
}

/** The row in its columns' types. @throws SqlError 515 for NULL, 2628 for a text that is too long. */
function fitted(row: readonly SqlValue[], table: Table, database: string, verb: string): SqlValue[] {
  return table.columns.map((column, index) => {
    const value = row[index] ?? null;
    const place = `table '${database}.${table.schema}.${table.name}'`;
    if (value === null && !column.nullable) {
      throw new SqlError(
        515,
        `Cannot insert the value NULL into column '${column.name}', ${place}; column does not allow nulls. ${verb} fails.`,
      );
    }
    const converted = convert(value, { ...column.type, ...(isText(column) ? { length: "max" } : {}) });
    if (isText(column) && typeof converted === "string" && converted.length > Number(column.type.length)) {
      const kept = converted.slice(0, Number(column.type.length));
      throw new SqlError(
        2628,
        `String or binary data would be truncated in ${place}, column '${column.name}'. Truncated value: '${kept.slice(0, 100)}'.`,
      );
    }
    return converted;
  });
}

function isText({ type }: Column): boolean {
  return typeof type.length === "number" && type.name !== "varbinary";
}
