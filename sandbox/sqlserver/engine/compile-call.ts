// STAND-IN for SQL Server: calls of scalar functions.
import type { Expression } from "../sql/syntax.ts";
import { int, type SqlType, type SqlValue } from "../sql/types.ts";
import { commonType, compile } from "./compile.ts";
import { catalogFunctions } from "./functions-catalog.ts";
import { plainFunctions } from "./functions-plain.ts";
import type { Compiled, Scope } from "./scope.ts";
import type { Session } from "./session.ts";
import { SqlError } from "./sql-error.ts";
import { convert } from "./values.ts";

/** A function of values. `type` may depend on the types of its arguments. */
export interface ScalarFunction {
  type: SqlType | ((types: readonly SqlType[]) => SqlType);
  /** Least and greatest number of arguments. */
  count: readonly [number, number];
  evaluate(values: readonly SqlValue[], session: Session): SqlValue;
}

/** @throws SqlError 195 for a function that the stand-in does not know, 174 for a wrong number of arguments. */
export function compileCall(name: string, values: readonly Expression[], scope: Scope): Compiled {
  if (name === "DATEDIFF" || name === "DATEADD") return compileDatePart(name, values, scope);
  if (name === "COALESCE" || name === "ISNULL") return compileFirst(values, scope);
  const all: Record<string, ScalarFunction> = { ...plainFunctions, ...catalogFunctions };
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found === undefined) {
    throw new SqlError(
      195,
      `'${name}' is not a recognized built-in function name. (STAND-IN: or it is not known here.)`,
      15,
    );
  }
  const [least, most] = found.count;
  if (values.length < least || values.length > most) {
    throw new SqlError(174, `The ${name.toLowerCase()} function requires ${least} argument(s).`, 15);
  }
  const compiled = values.map((value) => compile(value, scope));
  const type = typeof found.type === "function" ? found.type(compiled.map((each) => each.type)) : found.type;
  return {
    type,
    evaluate: (row) =>
      found.evaluate(
        compiled.map((each) => each.evaluate(row)),
        scope.session,
      ),
  };
}

function compileFirst(values: readonly Expression[], scope: Scope): Compiled {
  const compiled = values.map((value) => compile(value, scope));
  const type = commonType(compiled.map((each) => each.type));
  return {
    type,
    evaluate: (row) => {
      for (const each of compiled) {
        const value = each.evaluate(row);
        if (value !== null) return convert(value, type);
      }
      return null;
    },
  };
}

const milliseconds: Record<string, number> = {
  MILLISECOND: 1,
  MS: 1,
  SECOND: 1000,
  SS: 1000,
  MINUTE: 60_000,
  MI: 60_000,
  HOUR: 3_600_000,
  HH: 3_600_000,
  DAY: 86_400_000,
  DD: 86_400_000,
};

/** DATEDIFF counts the boundaries that are crossed, DATEADD adds; the first argument is a word, no column. */
function compileDatePart(name: string, values: readonly Expression[], scope: Scope): Compiled {
  const [part, ...rest] = values;
  const unit = part?.kind === "column" ? milliseconds[(part.parts[0] ?? "").toUpperCase()] : undefined;
  const [first, second] = rest.map((value) => compile(value, scope));
  if (unit === undefined || first === undefined || second === undefined) {
    throw new SqlError(
      155,
      `'${part?.kind === "column" ? part.parts.join(".") : ""}' is not a recognized ${name.toLowerCase()} option.`,
      15,
    );
  }
  const moment = (value: SqlValue): number => (convert(value, { name: "datetime2" }) as Date).getTime();
  return {
    type: name === "DATEDIFF" ? int : second.type,
    evaluate: (row) => {
      const [one, other] = [first.evaluate(row), second.evaluate(row)];
      if (one === null || other === null) return null;
      if (name === "DATEADD") return new Date(moment(other) + Number(one) * unit);
      return Math.floor(moment(other) / unit) - Math.floor(moment(one) / unit);
    },
  };
}
