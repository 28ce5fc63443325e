// STAND-IN for SQL Server: cuts T-SQL text into words.
import { SqlError } from "../engine/sql-error.ts";

export type Token =
  | { kind: "word"; text: string }
  /** [x] or "x". */
  | { kind: "quoted"; text: string }
  /** With its @ or @@. */
  | { kind: "variable"; text: string }
  | { kind: "string"; text: string; national: boolean }
  | { kind: "number"; text: string }
  | { kind: "binary"; text: string }
  | { kind: "symbol"; text: string }
  | { kind: "end"; text: "" };

export type PlacedToken = Token & { start: number };

const space = /(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const patterns: readonly (readonly [Token["kind"], RegExp])[] = [
  ["string", /[Nn]?'(?:[^']|'')*'/y],
  ["quoted", /\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"/y],
  ["binary", /0[xX][0-9a-fA-F]*/y],
  ["number", /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ["variable", /@@?[\p{L}_#$][\p{L}\p{N}_#$@]*/uy],
  ["word", /[\p{L}_#][\p{L}\p{N}_#$@]*/uy],
  ["symbol", /<>|!=|<=|>=|\+=|[-+*/%=<>(),.;]/y],
];

/** @throws SqlError 105 for a text that is not closed, 102 for a character that is no T-SQL. */
export function tokensOf(sql: string): PlacedToken[] {
  const tokens: PlacedToken[] = [];
  let at = skipSpace(sql, 0);
  while (at < sql.length) {
    const token = tokenAt(sql, at);
    tokens.push({ ...token.token, start: at });
    at = skipSpace(sql, token.end);
  }
  tokens.push({ kind: "end", text: "", start: sql.length });
  return tokens;
}

function skipSpace(sql: string, at: number): number {
  space.lastIndex = at;
  return space.test(sql) ? space.lastIndex : at;
}

function tokenAt(sql: string, at: number): { token: Token; end: number } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const match = pattern.exec(sql);
    if (match !== null) return { token: tokenOf(kind, match[0]), end: pattern.lastIndex };
  }
  const rest = sql.slice(at, at + 40);
  if (/^[Nn]?'/.test(rest)) {
    throw new SqlError(105, `Unclosed quotation mark after the character string '${rest.replace(/^[Nn]?'/, "")}'.`, 15);
  }
  throw new SqlError(102, `Incorrect syntax near '${rest[0]}'.`, 15);
}

function tokenOf(kind: Token["kind"], text: string): Token {
  switch (kind) {
    case "string": {
      const national = text[0] !== "'";
      return { kind, text: text.slice(national ? 2 : 1, -1).replaceAll("''", "'"), national };
    }
    case "quoted": {
      const inner = text.slice(1, -1);
      return { kind, text: text[0] === "[" ? inner.replaceAll("]]", "]") : inner.replaceAll('""', '"') };
    }
    case "end":
      return { kind, text: "" };
    default:
      return { kind, text };
  }
}
