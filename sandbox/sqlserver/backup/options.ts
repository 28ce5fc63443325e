// STAND-IN for SQL Server: reads the WITH options of BACKUP and RESTORE.
import { compile } from "../engine/compile.ts";
import { noRow, type Scope } from "../engine/scope.ts";
import { SqlError } from "../engine/sql-error.ts";
import { asText } from "../engine/values.ts";
import type { BackupOptions, Expression } from "../sql/syntax.ts";

/** A name or path: a literal or a variable. @throws SqlError 137 for an unknown variable, 102 for NULL. */
export function textOf(expression: Expression, scope: Scope): string {
  const value = compile(expression, scope).evaluate(noRow);
  if (value === null) throw new SqlError(102, "Incorrect syntax near 'NULL'.", 15);
  return asText(value);
}

export function optionText(options: BackupOptions, name: string, scope: Scope): string | null {
  const value = options.get(name);
  return value === undefined || value === true ? null : textOf(value, scope);
}

/** Percent between two messages; STATS alone is 10. */
export function statsOf(options: BackupOptions, scope: Scope): number | null {
  const value = options.get("STATS");
  if (value === undefined) return null;
  const percent = value === true ? 10 : Number(textOf(value, scope));
  return Math.min(100, Math.max(1, percent));
}
