// STAND-IN for SQL Server: the columns that a SELECT returns.
import type { SelectItem } from "../sql/syntax.ts";
import type { Column } from "../sql/types.ts";
import { compile } from "./compile.ts";
import { sameName } from "./database.ts";
import type { Compiled, Scope } from "./scope.ts";
import { SqlError } from "./sql-error.ts";

export interface Projection {
  columns: Column[];
  values: Compiled[];
}

export function projectionOf(items: readonly SelectItem[], scope: Scope): Projection {
  const projection: Projection = { columns: [], values: [] };
  for (const item of items) {
    if (item.star !== undefined) addStar(item.star.of, scope, projection);
    if (item.expression === undefined) continue;
    const value = compile(item.expression, scope);
    const plain = item.expression.kind === "column" ? item.expression.parts.at(-1) : undefined;
    projection.columns.push({ name: item.alias ?? plain ?? "", type: value.type, nullable: true });
    projection.values.push(value);
  }
  return projection;
}

function addStar(of: string | null, scope: Scope, projection: Projection): void {
  const before = projection.columns.length;
  scope.sources.forEach((source, at) => {
    if (of !== null && !sameName(source.alias, of)) return;
    source.columns.forEach((column, index) => {
      projection.columns.push(column);
      projection.values.push({ type: column.type, evaluate: (row) => row.rows[at]?.[index] ?? null });
    });
  });
  if (projection.columns.length > before) return;
  if (of === null) throw new SqlError(263, "Must specify table to select from.");
  throw new SqlError(
    107,
    `The column prefix '${of}' does not match with a table name or alias name used in the query.`,
    15,
  );
}
