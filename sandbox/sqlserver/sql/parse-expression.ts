// STAND-IN for SQL Server: expressions and conditions.
import type { Cursor } from "./cursor.ts";
import { parseSelect } from "./parse-select.ts";
import { parsePrimary } from "./parse-primary.ts";
import type { Expression } from "./syntax.ts";

/** A condition or a value: OR binds weakest. */
export function parseExpression(cursor: Cursor): Expression {
  let left = parseAnd(cursor);
  while (cursor.accept("OR")) left = { kind: "binary", operator: "OR", left, right: parseAnd(cursor) };
  return left;
}

function parseAnd(cursor: Cursor): Expression {
  let left = parseNot(cursor);
  while (cursor.accept("AND")) left = { kind: "binary", operator: "AND", left, right: parseNot(cursor) };
  return left;
}

function parseNot(cursor: Cursor): Expression {
  if (cursor.accept("NOT")) return { kind: "unary", operator: "NOT", operand: parseNot(cursor) };
  return parseComparison(cursor);
}

const comparisons = ["=", "<>", "!=", "<", ">", "<=", ">="];

function parseComparison(cursor: Cursor): Expression {
  const left = parseSum(cursor);
  const token = cursor.peek();
  if (token.kind === "symbol" && comparisons.includes(token.text)) {
    cursor.next();
    const operator = token.text === "!=" ? "<>" : token.text;
    return { kind: "binary", operator, left, right: parseSum(cursor) };
  }
  if (cursor.accept("IS")) {
    const negated = cursor.accept("NOT");
    cursor.expect("NULL");
    return { kind: "isNull", operand: left, negated };
  }
  const negated = cursor.accept("NOT");
  if (cursor.accept("LIKE")) {
    const pattern = parseSum(cursor);
    return { kind: "like", left, pattern, escape: cursor.accept("ESCAPE") ? parseSum(cursor) : null, negated };
  }
  if (cursor.accept("IN")) return { kind: "in", left, list: parseList(cursor), negated };
  if (cursor.accept("BETWEEN")) return parseBetween(cursor, left, negated);
  if (negated) throw cursor.unexpected();
  return left;
}

function parseList(cursor: Cursor): Expression[] | ReturnType<typeof parseSelect> {
  cursor.expectSymbol("(");
  const list = cursor.isAt("SELECT") ? parseSelect(cursor) : cursor.list(() => parseExpression(cursor));
  cursor.expectSymbol(")");
  return list;
}

function parseBetween(cursor: Cursor, left: Expression, negated: boolean): Expression {
  const low = parseSum(cursor);
  cursor.expect("AND");
  const high = parseSum(cursor);
  const between: Expression = {
    kind: "binary",
    operator: "AND",
    left: { kind: "binary", operator: ">=", left, right: low },
    right: { kind: "binary", operator: "<=", left, right: high },
  };
  return negated ? { kind: "unary", operator: "NOT", operand: between } : between;
}

/** A value without conditions: sums and texts put together. */
export function parseSum(cursor: Cursor): Expression {
  return operators(cursor, ["+", "-"], () => operators(cursor, ["*", "/", "%"], () => parseSigned(cursor)));
}

function operators(cursor: Cursor, symbols: readonly string[], operand: () => Expression): Expression {
  let left = operand();
  for (;;) {
    const token = cursor.peek();
    if (token.kind !== "symbol" || !symbols.includes(token.text)) return left;
    cursor.next();
    left = { kind: "binary", operator: token.text, left, right: operand() };
  }
}

function parseSigned(cursor: Cursor): Expression {
  if (cursor.acceptSymbol("-")) return { kind: "unary", operator: "-", operand: parseSigned(cursor) };
  cursor.acceptSymbol("+");
  const primary = parsePrimary(cursor);
  if (cursor.accept("COLLATE")) cursor.name();
  return primary;
}
