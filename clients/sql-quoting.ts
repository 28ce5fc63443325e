import { CutoverError } from "../model/error.ts";

// PostgreSQL cuts longer names silently (NAMEDATALEN - 1), and the statement would act on another object.
const longestIdentifier = 63;

/** Quotes one PostgreSQL identifier. @throws CutoverError CUT-4201 for empty or too long names and NUL characters. */
export function quoteIdentifier(name: string): string {
  if (name === "") throw refused(name, "it is empty");
  if (name.includes("\0")) throw refused(name, "it holds a NUL character");
  if (/\p{Surrogate}/u.test(name)) throw refused(name, "it is not valid Unicode");
  if (Buffer.byteLength(name) > longestIdentifier) throw refused(name, `it is longer than ${longestIdentifier} bytes`);
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a qualified name given by its parts: `quoteQualifiedName("gim", "Call Fact")` is `"gim"."Call Fact"`. */
export function quoteQualifiedName(...parts: readonly string[]): string {
  return parts.map(quoteIdentifier).join(".");
}

/** Quotes a text literal, for the few statements that take no parameters (COMMENT, ALTER ROLE). */
export function quoteLiteral(text: string): string {
  if (text.includes("\0")) throw refused(text, "it holds a NUL character");
  const doubled = text.replaceAll("'", "''");
  // E'' is read the same whatever standard_conforming_strings says.
  return doubled.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}

/**
 * Splits a name as written in SQL into its parts: bare parts are folded to lower case as PostgreSQL does, quoted ones are taken as they are.
 * `gim.CALL_FACT` is ["gim", "call_fact"]; `gim."Call.Fact"` is ["gim", "Call.Fact"].
 * @throws CutoverError CUT-4201 when it is not a name.
 */
export function splitQualifiedName(text: string): string[] {
  const parts: string[] = [];
  const pattern = /(?:"((?:[^"]|"")+)"|([^\s".]+))(\.|$)/gy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) throw refused(text, "it is not a name of the form schema.name");
    const [whole, quoted, bare, dot] = match;
    parts.push(quoted === undefined ? (bare ?? "").toLowerCase() : quoted.replaceAll('""', '"'));
    if (dot === "") return parts;
    if (pattern.lastIndex === text.length) throw refused(text, `nothing follows "${whole}"`);
  }
  throw refused(text, "it is empty");
}

function refused(name: string, why: string): CutoverError {
  return new CutoverError({
    code: "CUT-4201",
    verdict: "errored",
    happened: `"${name.replaceAll("\0", "\\0").slice(0, 100)}" cannot be used as a database name: ${why}.`,
    next: "Correct the name in the release set or the stack file.",
  });
}
