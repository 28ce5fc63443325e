// STAND-IN for SQL Server: literals, variables, columns, calls, CAST and CASE.
import type { Cursor } from "./cursor.ts";
import { parseExpression } from "./parse-expression.ts";
import { parseSelect } from "./parse-select.ts";
import type { Expression } from "./syntax.ts";
import { bigint, float, int, numeric, typeOf, type SqlType } from "./types.ts";

export function parsePrimary(cursor: Cursor): Expression {
  const token = cursor.peek();
  switch (token.kind) {
    case "string":
      cursor.next();
      return {
        kind: "literal",
        type: { name: token.national ? "nvarchar" : "varchar", length: Math.max(1, token.text.length) },
        value: token.text,
      };
    case "number":
      cursor.next();
      return numberLiteral(token.text);
    case "binary": {
      cursor.next();
      const value = Buffer.from(token.text.slice(2), "hex");
      return { kind: "literal", type: { name: "varbinary", length: Math.max(1, value.length) }, value };
    }
    case "variable":
      cursor.next();
      return { kind: "variable", name: token.text.slice(1).toLowerCase() };
    case "symbol":
      return parseParentheses(cursor);
    case "word":
    case "quoted":
      return token.kind === "word" ? parseWord(cursor) : parseColumnOrCall(cursor);
    case "end":
      throw cursor.unexpected();
  }
}

function numberLiteral(text: string): Expression {
  if (/e/i.test(text)) return { kind: "literal", type: float, value: Number(text) };
  const [whole = "", fraction] = text.split(".");
  if (fraction !== undefined) {
    const type = numeric(Math.max(1, whole.length + fraction.length), fraction.length);
    return { kind: "literal", type, value: Number(text) };
  }
  const value = BigInt(whole);
  if (value <= 2147483647n) return { kind: "literal", type: int, value: Number(value) };
  return value <= 9223372036854775807n
    ? { kind: "literal", type: bigint, value }
    : { kind: "literal", type: numeric(whole.length), value };
}

function parseParentheses(cursor: Cursor): Expression {
  cursor.expectSymbol("(");
  const inner: Expression = cursor.isAt("SELECT")
    ? { kind: "subquery", query: parseSelect(cursor) }
    : parseExpression(cursor);
  cursor.expectSymbol(")");
  return inner;
}

function parseWord(cursor: Cursor): Expression {
  if (cursor.accept("NULL")) return { kind: "literal", type: int, value: null };
  if (cursor.accept("CASE")) return parseCase(cursor);
  const calls = cursor.peek(1).text === "(";
  if (calls && (cursor.accept("CAST") || cursor.accept("TRY_CAST"))) {
    cursor.expectSymbol("(");
    const operand = parseExpression(cursor);
    cursor.expect("AS");
    const type = parseType(cursor, 30);
    cursor.expectSymbol(")");
    return { kind: "cast", operand, type };
  }
  if (calls && cursor.accept("CONVERT")) {
    cursor.expectSymbol("(");
    const type = parseType(cursor, 30);
    cursor.expectSymbol(",");
    const operand = parseExpression(cursor);
    cursor.expectSymbol(")");
    return { kind: "cast", operand, type };
  }
  if (cursor.accept("EXISTS")) {
    cursor.expectSymbol("(");
    const query = parseSelect(cursor);
    cursor.expectSymbol(")");
    return { kind: "exists", query };
  }
  return parseColumnOrCall(cursor);
}

// Words that end a list of values: taken as a column they would hide a mistake.
const reserved =
  /^(FROM|WHERE|GROUP|ORDER|HAVING|UNION|JOIN|ON|AND|OR|AS|WITH|SET|INTO|VALUES|SELECT|THEN|WHEN|ELSE|END)$/i;

function parseColumnOrCall(cursor: Cursor): Expression {
  const first = cursor.peek();
  if (first.kind === "word" && reserved.test(first.text)) throw cursor.unexpected();
  const parts = cursor.names();
  if (!cursor.acceptSymbol("(")) return { kind: "column", parts };
  const name = parts.join(".").toUpperCase();
  if (cursor.acceptSymbol("*")) {
    cursor.expectSymbol(")");
    return { kind: "call", name, arguments: [], star: true, distinct: false };
  }
  const distinct = cursor.accept("DISTINCT");
  const values = cursor.isAtSymbol(")") ? [] : cursor.list(() => parseExpression(cursor));
  cursor.expectSymbol(")");
  return { kind: "call", name, arguments: values, star: false, distinct };
}

function parseCase(cursor: Cursor): Expression {
  const subject = cursor.isAt("WHEN") ? null : parseExpression(cursor);
  const branches: { when: Expression; then: Expression }[] = [];
  while (cursor.accept("WHEN")) {
    const test = parseExpression(cursor);
    cursor.expect("THEN");
    const when: Expression = subject === null ? test : { kind: "binary", operator: "=", left: subject, right: test };
    branches.push({ when, then: parseExpression(cursor) });
  }
  const otherwise = cursor.accept("ELSE") ? parseExpression(cursor) : null;
  cursor.expect("END");
  return { kind: "case", branches, otherwise };
}

/** A type with its sizes; `lengthless` is what a text without length has: 1 in a declaration, 30 in CAST. */
export function parseType(cursor: Cursor, lengthless = 1): SqlType {
  const token = cursor.peek();
  const word = cursor.name();
  const sizes: (number | "max")[] = [];
  if (cursor.acceptSymbol("(")) {
    sizes.push(...cursor.list(() => (cursor.accept("MAX") ? ("max" as const) : cursor.wholeNumber())));
    cursor.expectSymbol(")");
  }
  const type = typeOf(word, sizes, lengthless);
  if (type === null) throw cursor.unexpected(token);
  return type;
}
