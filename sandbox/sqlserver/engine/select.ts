// STAND-IN for SQL Server: SELECT over tables, catalog views and subqueries, by nested loops.
import type { Expression, Select } from "../sql/syntax.ts";
import type { Column, SqlValue } from "../sql/types.ts";
import { hasAggregate } from "./aggregates.ts";
import { compile, commonType, truth } from "./compile.ts";
import { joinedRows, resolveSources } from "./from.ts";
import { projectionOf } from "./projection.ts";
import type { Compiled, RowContext, Scope } from "./scope.ts";
import { SqlError } from "./sql-error.ts";
import { asText, comparable, compare, convert } from "./values.ts";

export interface PreparedSelect {
  columns: Column[];
  run(parent: RowContext | null): SqlValue[][];
}

/** Checks a query and makes it runnable. `scope.parent` is the query around it. */
export function prepareSelect(select: Select, scope: Scope): PreparedSelect {
  const sources = resolveSources(select.from, scope);
  const inner: Scope = { ...scope, sources };
  const joins = select.from.map(({ on }) => (on === null ? null : compile(on, inner)));
  const where = select.where === null ? null : compile(select.where, inner);
  const projection = projectionOf(select.items, inner);
  const grouping = groupingOf(select, inner);
  const order = select.orderBy.map(({ expression, descending }) => ({
    descending,
    key: orderKey(expression, projection.columns, projection.values, inner),
  }));
  const top = select.top === null ? null : compile(select.top, scope);
  const next = select.next === null ? null : prepareSelect(select.next, scope);
  const columns = next === null ? projection.columns : united(projection.columns, next.columns);

  const run = (parent: RowContext | null): SqlValue[][] => {
    const rows = joinedRows(select.from, sources, joins, parent).filter(
      (row) => where === null || truth(where.evaluate(row)),
    );
    const groups = grouping === null ? rows : grouping(rows, parent);
    const found = groups.map((row) => ({
      values: projection.values.map((value) => value.evaluate(row)),
      keys: order.map(({ key }) => key.evaluate(row)),
    }));
    if (order.length > 0) found.sort((one, other) => orderOf(one.keys, other.keys, order));
    let results = found.map(({ values }) => values);
    if (select.distinct) results = distinctRows(results);
    if (top !== null) results = results.slice(0, Number(top.evaluate(parent ?? { rows: [], parent: null })));
    if (next === null) return results;
    return [...results, ...next.run(parent)].map((row) =>
      row.map((value, index) => convert(value, columns[index]?.type ?? { name: "int" })),
    );
  };
  return { columns, run };
}

type Grouping = (rows: readonly RowContext[], parent: RowContext | null) => RowContext[];

/** Null for a query without GROUP BY and without aggregates. */
function groupingOf(select: Select, scope: Scope): Grouping | null {
  const aggregates = select.items.some(({ expression }) => expression !== undefined && hasAggregate(expression));
  if (select.groupBy.length === 0 && !aggregates && select.having === null) return null;
  const keys = select.groupBy.map((each) => compile(each, scope));
  const having = select.having === null ? null : compile(select.having, scope);
  return (rows, parent) => {
    const groups = new Map<string, RowContext[]>();
    if (keys.length === 0) groups.set(rowKey([]), []);
    for (const row of rows) {
      const key = rowKey(keys.map((each) => each.evaluate(row)));
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    return [...groups.values()]
      .map((group) => ({ rows: group[0]?.rows ?? [], parent, group }))
      .filter((group) => having === null || truth(having.evaluate(group)));
  };
}

/** ORDER BY takes a column's number, an alias, or any expression. */
function orderKey(
  expression: Expression,
  columns: readonly Column[],
  values: readonly Compiled[],
  scope: Scope,
): Compiled {
  const byNumber = expression.kind === "literal" && typeof expression.value === "number";
  const alias = expression.kind === "column" && expression.parts.length === 1 ? expression.parts[0] : undefined;
  const index = byNumber
    ? Number(expression.value) - 1
    : alias === undefined
      ? -1
      : columns.findIndex(({ name }) => comparable(name) === comparable(alias));
  if (byNumber && values[index] === undefined) {
    throw new SqlError(
      108,
      `The ORDER BY position number ${index + 1} is out of range of the number of items in the select list.`,
    );
  }
  return values[index] ?? compile(expression, scope);
}

function orderOf(
  one: readonly SqlValue[],
  other: readonly SqlValue[],
  order: readonly { descending: boolean }[],
): number {
  for (const [index, { descending }] of order.entries()) {
    const [left, right] = [one[index] ?? null, other[index] ?? null];
    const difference =
      left === null || right === null ? Number(left !== null) - Number(right !== null) : compare(left, right);
    if (difference !== 0) return descending ? -difference : difference;
  }
  return 0;
}

function rowKey(values: readonly SqlValue[]): string {
  return JSON.stringify(values.map((value) => (value === null ? null : comparable(asText(value)))));
}

function distinctRows(rows: readonly SqlValue[][]): SqlValue[][] {
  const found = new Map<string, SqlValue[]>();
  for (const row of rows) if (!found.has(rowKey(row))) found.set(rowKey(row), row);
  return [...found.values()];
}

function united(one: readonly Column[], other: readonly Column[]): Column[] {
  if (one.length !== other.length) {
    throw new SqlError(
      205,
      "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.",
    );
  }
  return one.map((column, index) => {
    const type = other[index]?.type;
    return { ...column, nullable: true, type: type === undefined ? column.type : commonType([column.type, type]) };
  });
}
