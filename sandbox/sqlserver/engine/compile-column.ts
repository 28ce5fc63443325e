// STAND-IN for SQL Server: finds the column that a name means.
import type { Compiled, RowContext, Scope } from "./scope.ts";
import { sameName } from "./database.ts";
import { SqlError } from "./sql-error.ts";

/** `column`, `alias.column` or `schema.table.column`; looks in the query around a subquery too. */
export function compileColumn(parts: readonly string[], scope: Scope): Compiled {
  const name = parts.at(-1) ?? "";
  const qualifier = parts.at(-2);
  let depth = 0;
  for (let level: Scope | null = scope; level !== null; level = level.parent, depth++) {
    const found = level.sources.flatMap((source, at) => {
      if (qualifier !== undefined && !sameName(source.alias, qualifier)) return [];
      const index = source.columns.findIndex((column) => sameName(column.name, name));
      const column = source.columns[index];
      return column === undefined ? [] : [{ at, index, column }];
    });
    const [first] = found;
    if (found.length > 1) throw new SqlError(209, `Ambiguous column name '${name}'.`);
    if (first === undefined) continue;
    const levels = depth;
    return {
      type: first.column.type,
      evaluate: (row) => contextAt(row, levels)?.rows[first.at]?.[first.index] ?? null,
    };
  }
  if (qualifier === undefined) throw new SqlError(207, `Invalid column name '${name}'.`);
  throw new SqlError(4104, `The multi-part identifier "${parts.join(".")}" could not be bound.`);
}

function contextAt(row: RowContext, levels: number): RowContext | null {
  let context: RowContext | null = row;
  for (let level = 0; level < levels; level++) context = context?.parent ?? null;
  return context;
}
