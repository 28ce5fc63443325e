// STAND-IN for SQL Server: operators between two values.
import { bigint, bit, float, numeric, type SqlType, type SqlValue } from "../sql/types.ts";
import type { Compiled } from "./scope.ts";
import { SqlError } from "./sql-error.ts";
import { asText, compare } from "./values.ts";

type Test = (order: number) => boolean;
const tests: Record<string, Test> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  ">": (order) => order > 0,
  "<=": (order) => order <= 0,
  ">=": (order) => order >= 0,
};

export function compileBinary(operator: string, left: Compiled, right: Compiled): Compiled {
  if (operator === "AND" || operator === "OR") return compileLogic(operator, left, right);
  const test = tests[operator];
  if (test !== undefined) {
    return {
      type: bit,
      evaluate: (row) => {
        const [one, other] = [left.evaluate(row), right.evaluate(row)];
        return one === null || other === null ? null : test(compare(one, other));
      },
    };
  }
  const type = resultType(operator, left.type, right.type);
  return {
    type,
    evaluate: (row) => {
      const [one, other] = [left.evaluate(row), right.evaluate(row)];
      return one === null || other === null ? null : calculate(operator, type, one, other);
    },
  };
}

/** Three-valued: FALSE AND UNKNOWN is FALSE, TRUE OR UNKNOWN is TRUE. */
function compileLogic(operator: "AND" | "OR", left: Compiled, right: Compiled): Compiled {
  const decisive = operator === "OR";
  return {
    type: bit,
    evaluate: (row) => {
      const one = left.evaluate(row);
      if (one === decisive) return decisive;
      const other = right.evaluate(row);
      if (other === decisive) return decisive;
      return one === null || other === null ? null : !decisive;
    },
  };
}

function resultType(operator: string, left: SqlType, right: SqlType): SqlType {
  if (operator === "+" && left.length !== undefined && right.length !== undefined) {
    const name = left.name === "nvarchar" || right.name === "nvarchar" ? "nvarchar" : left.name;
    const both = left.length === "max" || right.length === "max";
    return { name, length: both ? "max" : Math.min(4000, Number(left.length) + Number(right.length)) };
  }
  const names = [left.name, right.name];
  if (names.includes("float") || names.includes("real")) return float;
  if (names.includes("decimal")) return numeric(38, Math.max(left.scale ?? 0, right.scale ?? 0));
  return names.includes("bigint") ? bigint : { name: "int" };
}

function calculate(
  operator: string,
  type: SqlType,
  left: NonNullable<SqlValue>,
  right: NonNullable<SqlValue>,
): SqlValue {
  if (type.length !== undefined) return asText(left) + asText(right);
  if (type.name === "bigint") return arithmetic(operator, BigInt(asText(left)), BigInt(asText(right)));
  const result = arithmetic(operator, Number(left), Number(right));
  return type.name === "int" ? Math.trunc(Number(result)) : result;
}

function arithmetic<Value extends number | bigint>(operator: string, left: Value, right: Value): number | bigint {
  const [one, other] = [left as number, right as number];
  if ((operator === "/" || operator === "%") && Number(right) === 0) {
    throw new SqlError(8134, "Divide by zero error encountered.");
  }
  switch (operator) {
    case "+":
      return one + other;
    case "-":
      return one - other;
    case "*":
      return one * other;
    case "/":
      return one / other;
    default:
      return one % other;
  }
}
