// STAND-IN for SQL Server: FROM: where rows come from, and how they are joined.
import type { TableSource } from "../sql/syntax.ts";
import type { SqlValue } from "../sql/types.ts";
import { resolveTable } from "./catalog.ts";
import { truth } from "./compile.ts";
import type { Compiled, RowContext, Scope, Source } from "./scope.ts";
import { prepareSelect } from "./select.ts";

export interface RowSource extends Source {
  rows(parent: RowContext | null): readonly (readonly SqlValue[])[];
}

export function resolveSources(from: readonly TableSource[], scope: Scope): RowSource[] {
  return from.map(({ of, alias }) => {
    if (Array.isArray(of)) {
      const { columns, rows } = resolveTable(of, scope.session);
      return { alias: alias ?? of.at(-1) ?? "", columns, rows };
    }
    const query = prepareSelect(of, { ...scope, sources: [] });
    return { alias: alias ?? "", columns: query.columns, rows: (parent: RowContext | null) => query.run(parent) };
  });
}

/** All combinations that fulfil the ON conditions; a left join adds NULLs where there is none. */
export function joinedRows(
  from: readonly TableSource[],
  sources: readonly RowSource[],
  conditions: readonly (Compiled | null)[],
  parent: RowContext | null,
): RowContext[] {
  let contexts: RowContext[] = [{ rows: [], parent }];
  for (const [index, source] of sources.entries()) {
    const rows = source.rows(parent);
    const condition = conditions[index] ?? null;
    const left = from[index]?.join === "left";
    contexts = contexts.flatMap((context) => {
      const joined = rows
        .map((row): RowContext => ({ rows: [...context.rows, row], parent }))
        .filter((row) => condition === null || truth(condition.evaluate(row)));
      if (joined.length > 0 || !left) return joined;
      return [{ rows: [...context.rows, source.columns.map(() => null)], parent }];
    });
  }
  return contexts;
}
