// STAND-IN for SQL Server: COUNT, SUM, MIN, MAX and AVG over the rows of a group.
import type { Expression } from "../sql/syntax.ts";
import { bigint, int, type SqlType, type SqlValue } from "../sql/types.ts";
import { compile } from "./compile.ts";
import type { Compiled, Scope } from "./scope.ts";
import { asText, comparable, compare } from "./values.ts";

type Call = Extract<Expression, { kind: "call" }>;
const names = ["COUNT", "COUNT_BIG", "SUM", "MIN", "MAX", "AVG"];

export function isAggregate(name: string): boolean {
  return names.includes(name);
}

/** True when an aggregate is somewhere in the expression, not counting subqueries. */
export function hasAggregate(expression: Expression): boolean {
  switch (expression.kind) {
    case "call":
      return isAggregate(expression.name) || expression.arguments.some(hasAggregate);
    case "binary":
      return hasAggregate(expression.left) || hasAggregate(expression.right);
    case "unary":
    case "cast":
    case "isNull":
      return hasAggregate(expression.operand);
    case "case":
      return expression.branches.some(({ when, then }) => hasAggregate(when) || hasAggregate(then));
    case "in":
    case "like":
      return hasAggregate(expression.left);
    case "literal":
    case "variable":
    case "column":
    case "exists":
    case "subquery":
      return false;
  }
}

export function compileAggregate(call: Call, scope: Scope): Compiled {
  const [argument] = call.arguments;
  const inner = argument === undefined ? null : compile(argument, scope);
  const type = resultType(call.name, inner?.type ?? int);
  return {
    type,
    evaluate: (row) => {
      const group = row.group ?? [];
      if (inner === null) return call.name === "COUNT_BIG" ? BigInt(group.length) : group.length;
      const values = group.map((each) => inner.evaluate(each)).filter((value) => value !== null);
      return aggregate(call.name, call.distinct ? distinct(values) : values, type);
    },
  };
}

function resultType(name: string, type: SqlType): SqlType {
  if (name === "COUNT") return int;
  if (name === "COUNT_BIG") return bigint;
  return name === "SUM" && (type.name === "tinyint" || type.name === "smallint") ? int : type;
}

function distinct(values: readonly NonNullable<SqlValue>[]): NonNullable<SqlValue>[] {
  return [...new Map(values.map((value) => [comparable(asText(value)), value])).values()];
}

function aggregate(name: string, values: readonly NonNullable<SqlValue>[], type: SqlType): SqlValue {
  if (name === "COUNT") return values.length;
  if (name === "COUNT_BIG") return BigInt(values.length);
  const [first, ...rest] = values;
  if (first === undefined) return null;
  if (name === "MIN") return rest.reduce((best, value) => (compare(value, best) < 0 ? value : best), first);
  if (name === "MAX") return rest.reduce((best, value) => (compare(value, best) > 0 ? value : best), first);
  if (type.name === "bigint") {
    const sum = values.reduce((total: bigint, value) => total + BigInt(asText(value)), 0n);
    return name === "SUM" ? sum : sum / BigInt(values.length);
  }
  const sum = values.reduce((total: number, value) => total + Number(value), 0);
  const average = type.name === "int" ? Math.trunc(sum / values.length) : sum / values.length;
  return name === "SUM" ? sum : average;
}
