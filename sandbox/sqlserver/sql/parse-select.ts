// STAND-IN for SQL Server: SELECT.
import type { Cursor } from "./cursor.ts";
import { parseExpression, parseSum } from "./parse-expression.ts";
import type { Select, SelectItem, TableSource } from "./syntax.ts";

export function parseSelect(cursor: Cursor): Select {
  cursor.expect("SELECT");
  const distinct = cursor.accept("DISTINCT");
  cursor.accept("ALL");
  const top = cursor.accept("TOP") ? parseTop(cursor) : null;
  const items = cursor.list(() => parseItem(cursor));
  const into = cursor.accept("INTO") ? cursor.names() : null;
  const select: Select = {
    kind: "select",
    distinct,
    top,
    items,
    into,
    from: cursor.accept("FROM") ? parseFrom(cursor) : [],
    where: cursor.accept("WHERE") ? parseExpression(cursor) : null,
    groupBy: cursor.accept("GROUP", "BY") ? cursor.list(() => parseExpression(cursor)) : [],
    having: cursor.accept("HAVING") ? parseExpression(cursor) : null,
    orderBy: [],
    next: null,
  };
  if (cursor.accept("UNION", "ALL")) select.next = parseSelect(cursor);
  else if (cursor.accept("ORDER", "BY")) select.orderBy = cursor.list(() => parseOrder(cursor));
  skipHints(cursor);
  return select;
}

function parseTop(cursor: Cursor): Select["top"] {
  if (!cursor.acceptSymbol("(")) return { kind: "literal", type: { name: "int" }, value: cursor.wholeNumber() };
  const count = parseExpression(cursor);
  cursor.expectSymbol(")");
  return count;
}

function parseOrder(cursor: Cursor): Select["orderBy"][number] {
  const expression = parseExpression(cursor);
  const descending = cursor.accept("DESC");
  if (!descending) cursor.accept("ASC");
  return { expression, descending };
}

function parseItem(cursor: Cursor): SelectItem {
  if (cursor.acceptSymbol("*")) return { star: { of: null } };
  const [next, second, third] = [cursor.peek(), cursor.peek(1), cursor.peek(2)];
  const assigns = second.kind === "symbol" && second.text === "=";
  if (second.text === "." && third.kind === "symbol" && third.text === "*") {
    const of = cursor.name();
    cursor.expectSymbol(".");
    cursor.expectSymbol("*");
    return { star: { of } };
  }
  if (assigns && next.kind === "variable") {
    const assignTo = cursor.variable();
    cursor.expectSymbol("=");
    return { assignTo, expression: parseExpression(cursor) };
  }
  // alias = expression
  if (assigns && (next.kind === "word" || next.kind === "quoted")) {
    const alias = cursor.name();
    cursor.expectSymbol("=");
    return { alias, expression: parseExpression(cursor) };
  }
  const expression = parseExpression(cursor);
  const alias = parseAlias(cursor, itemEnds);
  return alias === null ? { expression } : { expression, alias };
}

const itemEnds =
  /^(FROM|WHERE|GROUP|ORDER|HAVING|UNION|INTO|OPTION|FOR|SELECT|INSERT|UPDATE|DELETE|DECLARE|SET|IF|ELSE|END|EXEC|EXECUTE|BACKUP|RESTORE|USE|DROP|CREATE|ALTER|PRINT|BEGIN|COMMIT|ROLLBACK|THROW|WAITFOR|JOIN|INNER|LEFT|CROSS|ON|WITH|OUTER|AND|OR|ASC|DESC)$/i;

function parseAlias(cursor: Cursor, ends: RegExp): string | null {
  if (cursor.accept("AS")) {
    const token = cursor.peek();
    if (token.kind !== "string") return cursor.name();
    cursor.next();
    return token.text;
  }
  const token = cursor.peek();
  if (token.kind === "quoted" || (token.kind === "word" && !ends.test(token.text))) return cursor.name();
  return null;
}

function parseFrom(cursor: Cursor): TableSource[] {
  const sources = [parseSource(cursor, "first")];
  for (;;) {
    if (cursor.acceptSymbol(",") || cursor.accept("CROSS", "JOIN")) {
      sources.push(parseSource(cursor, "cross"));
      continue;
    }
    const left = cursor.accept("LEFT", "OUTER", "JOIN") || cursor.accept("LEFT", "JOIN");
    if (!left && !cursor.accept("INNER", "JOIN") && !cursor.accept("JOIN")) return sources;
    const source = parseSource(cursor, left ? "left" : "inner");
    cursor.expect("ON");
    source.on = parseExpression(cursor);
    sources.push(source);
  }
}

function parseSource(cursor: Cursor, join: TableSource["join"]): TableSource {
  let of: TableSource["of"];
  if (cursor.acceptSymbol("(")) {
    of = parseSelect(cursor);
    cursor.expectSymbol(")");
  } else {
    of = cursor.names();
  }
  const alias = parseAlias(cursor, itemEnds);
  skipHints(cursor);
  return { of, alias, join, on: null };
}

/** WITH (NOLOCK) and OPTION (RECOMPILE): nothing here locks or plans. */
function skipHints(cursor: Cursor): void {
  const hinted = (cursor.isAt("WITH") || cursor.isAt("OPTION")) && cursor.peek(1).text === "(";
  if (!hinted) return;
  cursor.next();
  cursor.next();
  cursor.list(() => parseSum(cursor));
  cursor.expectSymbol(")");
}
