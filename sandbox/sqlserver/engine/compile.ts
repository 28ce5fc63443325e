// STAND-IN for SQL Server: makes expressions computable, with their types known before any row is seen.
import type { Expression, Select } from "../sql/syntax.ts";
import { bit, int, nvarchar, type SqlType, type SqlValue } from "../sql/types.ts";
import { compileAggregate, isAggregate } from "./aggregates.ts";
import { compileBinary } from "./compile-binary.ts";
import { compileCall } from "./compile-call.ts";
import { compileColumn } from "./compile-column.ts";
import { globalVariable } from "./global-variables.ts";
import { prepareSelect } from "./select.ts";
import type { Compiled, RowContext, Scope } from "./scope.ts";
import { SqlError } from "./sql-error.ts";
import { asText, compare, convert, matches } from "./values.ts";

/** @throws SqlError 207 for a column, 195 for a function, 137 for a variable that does not exist. */
export function compile(expression: Expression, scope: Scope): Compiled {
  const inner = (each: Expression): Compiled => compile(each, scope);
  switch (expression.kind) {
    case "literal":
      return { type: expression.type, evaluate: () => expression.value };
    case "variable":
      return compileVariable(expression.name, scope);
    case "column":
      return compileColumn(expression.parts, scope);
    case "call":
      return isAggregate(expression.name)
        ? compileAggregate(expression, scope)
        : compileCall(expression.name, expression.arguments, scope);
    case "unary":
      return compileUnary(expression.operator, inner(expression.operand));
    case "binary":
      return compileBinary(expression.operator, inner(expression.left), inner(expression.right));
    case "cast": {
      const operand = inner(expression.operand);
      return { type: expression.type, evaluate: (row) => convert(operand.evaluate(row), expression.type) };
    }
    case "isNull": {
      const operand = inner(expression.operand);
      return condition((row) => (operand.evaluate(row) === null) !== expression.negated);
    }
    case "like":
      return compileLike(expression, scope);
    case "in":
      return compileIn(expression, scope);
    case "case":
      return compileCase(expression, scope);
    case "exists":
      return condition((row) => runSubquery(expression.query, scope, row).length > 0);
    case "subquery":
      return compileSubquery(expression.query, scope);
  }
}

/** TRUE, FALSE or (null) UNKNOWN, as bit. */
export function condition(test: (row: RowContext) => boolean | null): Compiled {
  return { type: bit, evaluate: test };
}

function compileVariable(name: string, scope: Scope): Compiled {
  if (name.startsWith("@")) return globalVariable(name, scope.session);
  const variable = scope.variables.get(name);
  if (variable === undefined) throw new SqlError(137, `Must declare the scalar variable "@${name}".`, 15);
  return { type: variable.type, evaluate: () => variable.value };
}

function compileUnary(operator: "-" | "NOT", operand: Compiled): Compiled {
  if (operator === "NOT") {
    return condition((row) => {
      const value = operand.evaluate(row);
      return value === null ? null : !truth(value);
    });
  }
  return {
    type: operand.type,
    evaluate: (row) => {
      const value = operand.evaluate(row);
      return typeof value === "number" || typeof value === "bigint" ? -value : value;
    },
  };
}

/** A condition's value; UNKNOWN is not true. */
export function truth(value: SqlValue): boolean {
  return value === true || value === 1;
}

function compileLike(expression: Extract<Expression, { kind: "like" }>, scope: Scope): Compiled {
  const [left, pattern] = [compile(expression.left, scope), compile(expression.pattern, scope)];
  const escape = expression.escape === null ? null : compile(expression.escape, scope);
  return condition((row) => {
    const [text, form] = [left.evaluate(row), pattern.evaluate(row)];
    if (text === null || form === null) return null;
    const mark = escape?.evaluate(row) ?? null;
    return matches(asText(text), asText(form), mark === null ? null : asText(mark)) !== expression.negated;
  });
}

function compileIn(expression: Extract<Expression, { kind: "in" }>, scope: Scope): Compiled {
  const left = compile(expression.left, scope);
  const { list } = expression;
  const values: (row: RowContext) => SqlValue[] = Array.isArray(list)
    ? valuesOf(list.map((each) => compile(each, scope)))
    : (row) => runSubquery(list, scope, row).map((found) => found[0] ?? null);
  return condition((row) => {
    const value = left.evaluate(row);
    if (value === null) return null;
    const candidates = values(row);
    if (candidates.some((each) => each !== null && compare(value, each) === 0)) return !expression.negated;
    return candidates.includes(null) ? null : expression.negated;
  });
}

function valuesOf(list: readonly Compiled[]): (row: RowContext) => SqlValue[] {
  return (row) => list.map((each) => each.evaluate(row));
}

function compileCase(expression: Extract<Expression, { kind: "case" }>, scope: Scope): Compiled {
  const branches = expression.branches.map(({ when, then }) => ({
    when: compile(when, scope),
    then: compile(then, scope),
  }));
  const otherwise = expression.otherwise === null ? null : compile(expression.otherwise, scope);
  const type = commonType([...branches.map(({ then }) => then.type), ...(otherwise === null ? [] : [otherwise.type])]);
  return {
    type,
    evaluate: (row) => {
      const branch = branches.find(({ when }) => truth(when.evaluate(row)));
      return convert((branch?.then ?? otherwise)?.evaluate(row) ?? null, type);
    },
  };
}

const precedence = [
  "varbinary",
  "varchar",
  "nvarchar",
  "bit",
  "tinyint",
  "smallint",
  "int",
  "bigint",
  "decimal",
  "real",
  "float",
];

/** The type of several values in one place: the one that comes later in SQL Server's order, texts as long as the longest. */
export function commonType(types: readonly SqlType[]): SqlType {
  let best = types[0] ?? int;
  for (const type of types) {
    const [one, other] = [precedence.indexOf(type.name), precedence.indexOf(best.name)];
    if (one < 0 || (other >= 0 && one > other)) best = type;
  }
  if (best.length === undefined) return best;
  const lengths = types.map((type) => type.length ?? 1);
  return { ...best, length: lengths.includes("max") ? "max" : Math.max(...lengths.map(Number)) };
}

function runSubquery(query: Select, scope: Scope, row: RowContext): SqlValue[][] {
  return prepareSelect(query, { ...scope, sources: [], parent: scope }).run(row);
}

function compileSubquery(query: Select, scope: Scope): Compiled {
  const inner = prepareSelect(query, { ...scope, sources: [], parent: scope });
  const type = inner.columns[0]?.type ?? nvarchar(1);
  return {
    type,
    evaluate: (row) => {
      const rows = inner.run(row);
      if (rows.length > 1) {
        throw new SqlError(
          512,
          "Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.",
        );
      }
      return rows[0]?.[0] ?? null;
    },
  };
}
