import { CutoverError } from "../../model/error.ts";

// sysname is nvarchar(128): 128 UTF-16 code units, as JavaScript counts.
const longestIdentifier = 128;

/**
 * Quotes one SQL Server identifier: `a]b` is `[a]]b]`, whatever QUOTED_IDENTIFIER says.
 * Source: SQL:t-sql/functions/quotename-transact-sql.md (facts/domain.md C1).
 * @throws CutoverError CUT-4250 for empty or too long names, NUL characters and broken Unicode.
 */
export function quoteIdentifier(name: string): string {
  if (name === "") throw refused(name, "it is empty");
  if (name.length > longestIdentifier) throw refused(name, `it is longer than ${longestIdentifier} characters`);
  return `[${checked(name).replaceAll("]", "]]")}]`;
}

/** Quotes a name given by its parts: `quoteQualifiedName("dbo", "Offer History")` is `[dbo].[Offer History]`. */
export function quoteQualifiedName(...parts: readonly string[]): string {
  return parts.map(quoteIdentifier).join(".");
}

/**
 * Quotes a text as nvarchar literal, for the statements that take no parameters: `a'b` is `N'a''b'`.
 * @throws CutoverError CUT-4250 for NUL characters and broken Unicode.
 */
export function quoteLiteral(text: string): string {
  return `N'${checked(text).replaceAll("'", "''")}'`;
}

/** Makes LIKE take a text as it is: `Interaction_` becomes `Interaction[_]` (SQL:t-sql/language-elements/like-transact-sql.md). */
export function escapeLike(text: string): string {
  return text.replaceAll(/[[%_]/g, (character) => `[${character}]`);
}

/**
 * Splits `schema.table` into its parts; brackets and double quotes may surround a part, `]]` and `""` stand for one.
 * A name without a schema gets `dbo`.
 * @throws CutoverError CUT-4250 when it is not a name of one or two parts.
 */
export function splitTableName(text: string): { schema: string; table: string } {
  const part = String.raw`(?:\[((?:[^\]]|\]\])+)\]|"((?:[^"]|"")+)"|([^\s.[\]"]+))`;
  const match = new RegExp(`^(?:${part}\\.)?${part}$`).exec(text.trim());
  if (match === null) throw refused(text, "it is not a name of the form schema.table");
  const plain = (bracketed?: string, quoted?: string, bare?: string): string | undefined =>
    bracketed?.replaceAll("]]", "]") ?? quoted?.replaceAll('""', '"') ?? bare;
  return { schema: plain(match[1], match[2], match[3]) ?? "dbo", table: plain(match[4], match[5], match[6]) ?? "" };
}

function checked(text: string): string {
  if (text.includes("\0")) throw refused(text, "it holds a NUL character");
  if (/\p{Surrogate}/u.test(text)) throw refused(text, "it is not valid Unicode");
  return text;
}

function refused(name: string, why: string): CutoverError {
  return new CutoverError({
    code: "CUT-4250",
    verdict: "errored",
    happened: `"${name.replaceAll("\0", "\\0").slice(0, 140)}" cannot be used in a statement for SQL Server: ${why}.`,
    untouched: "The statement was not sent.",
    next: "Correct the name under cutover:operationalDatabases in the stack file.",
  });
}
