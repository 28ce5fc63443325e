import type { Postgres } from "../../clients/contracts.ts";
import { splitQualifiedName } from "../../clients/sql-quoting.ts";
import { CutoverError } from "../../model/error.ts";

// pg_catalog, not information_schema: that one leaves out materialized views and whatever the login may not read (facts/domain.md D3).
const relationsThere = `
  SELECT wanted.position::int AS position
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted(schema, relation, position)
  WHERE EXISTS (
    SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = wanted.schema AND c.relname = wanted.relation AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))`;
const columnsThere = `
  SELECT wanted.position::int AS position
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted(schema, relation, attribute, position)
  WHERE EXISTS (
    SELECT 1 FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = wanted.schema AND c.relname = wanted.relation AND a.attname = wanted.attribute
      AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))`;

/** Those of the relations (`schema.name`, tables or views) that the database does not have. */
export function absentRelations(database: Postgres, names: readonly string[]): Promise<string[]> {
  return absent(database, names, 2, relationsThere);
}

/** Those of the columns (`schema.table.column`) that the database does not have. */
export function absentColumns(database: Postgres, names: readonly string[]): Promise<string[]> {
  return absent(database, names, 3, columnsThere);
}

async function absent(database: Postgres, names: readonly string[], parts: number, sql: string): Promise<string[]> {
  if (names.length === 0) return [];
  const split = names.map((name) => {
    const result = splitQualifiedName(name);
    if (result.length !== parts) throw misnamed(name, parts);
    return result;
  });
  const columns = Array.from({ length: parts }, (_, part) => split.map((entry) => entry[part]));
  const there = new Set((await database.query<{ position: number }>(sql, columns)).map((row) => row.position));
  return names.filter((_, index) => !there.has(index + 1));
}

function misnamed(name: string, parts: number): CutoverError {
  return new CutoverError({
    code: "CUT-4702",
    verdict: "errored",
    happened: `"${name}" is not of the form ${parts === 2 ? "schema.name" : "schema.table.column"}.`,
    next: "Correct the gate in the release set.",
  });
}
