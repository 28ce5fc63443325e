// STAND-IN for SQL Server: functions that know nothing of the server.
import { randomUUID } from "node:crypto";
import { datetime, datetime2, guid, int, nvarchar, type SqlType, type SqlValue } from "../sql/types.ts";
import type { ScalarFunction } from "./compile-call.ts";
import { asText } from "./values.ts";
import { localTime } from "./wall-clock.ts";

const sameAsFirst = (types: readonly SqlType[]): SqlType => types[0] ?? nvarchar(4000);

/** A function that is NULL when an argument is. */
function strict(
  type: ScalarFunction["type"],
  count: readonly [number, number],
  evaluate: (...values: NonNullable<SqlValue>[]) => SqlValue,
): ScalarFunction {
  const known = (value: SqlValue): value is NonNullable<SqlValue> => value !== null;
  return { type, count, evaluate: (values) => (values.every(known) ? evaluate(...values) : null) };
}

function ofText(evaluate: (text: string) => SqlValue, type: ScalarFunction["type"] = sameAsFirst): ScalarFunction {
  return strict(type, [1, 1], (value) => evaluate(asText(value)));
}

export const plainFunctions: Record<string, ScalarFunction> = {
  GETDATE: { type: datetime, count: [0, 0], evaluate: () => localTime(new Date()) },
  GETUTCDATE: { type: datetime, count: [0, 0], evaluate: () => new Date() },
  SYSDATETIME: { type: datetime2, count: [0, 0], evaluate: () => localTime(new Date()) },
  SYSUTCDATETIME: { type: datetime2, count: [0, 0], evaluate: () => new Date() },
  NEWID: { type: guid, count: [0, 0], evaluate: () => randomUUID().toUpperCase() },
  UPPER: ofText((text) => text.toUpperCase()),
  LOWER: ofText((text) => text.toLowerCase()),
  LTRIM: ofText((text) => text.trimStart()),
  RTRIM: ofText((text) => text.trimEnd()),
  TRIM: ofText((text) => text.trim()),
  LEN: ofText((text) => text.replace(/ +$/, "").length, int),
  DATALENGTH: strict(int, [1, 1], (value) =>
    Buffer.isBuffer(value)
      ? value.length
      : typeof value === "string"
        ? value.length * 2
        : typeof value === "bigint"
          ? 8
          : 4,
  ),
  LEFT: strict(sameAsFirst, [2, 2], (text, count) => asText(text).slice(0, Number(count))),
  RIGHT: strict(sameAsFirst, [2, 2], (text, count) =>
    asText(text).slice(Math.max(0, asText(text).length - Number(count))),
  ),
  SUBSTRING: strict(sameAsFirst, [3, 3], (text, start, length) => {
    const from = Number(start) - 1;
    return asText(text).slice(Math.max(0, from), Math.max(0, from + Number(length)));
  }),
  CHARINDEX: strict(int, [2, 2], (part, text) => asText(text).toLowerCase().indexOf(asText(part).toLowerCase()) + 1),
  REPLACE: strict(nvarchar(4000), [3, 3], (text, from, to) =>
    asText(from) === ""
      ? asText(text)
      : asText(text).replaceAll(new RegExp(escaped(asText(from)), "gi"), () => asText(to)),
  ),
  REPLICATE: strict(nvarchar("max"), [2, 2], (text, count) => asText(text).repeat(Math.max(0, Number(count)))),
  CONCAT: {
    type: nvarchar(4000),
    count: [2, 254],
    evaluate: (values) => values.map((value) => (value === null ? "" : asText(value))).join(""),
  },
  QUOTENAME: strict(nvarchar(258), [1, 1], (text) =>
    asText(text).length > 128 ? null : `[${asText(text).replaceAll("]", "]]")}]`,
  ),
  ABS: strict(sameAsFirst, [1, 1], (value) =>
    typeof value === "bigint" ? (value < 0n ? -value : value) : Math.abs(Number(value)),
  ),
  NULLIF: {
    type: sameAsFirst,
    count: [2, 2],
    evaluate: ([one = null, other = null]) =>
      one !== null && other !== null && asText(one).toLowerCase() === asText(other).toLowerCase() ? null : one,
  },
};

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
