// STAND-IN for SQL Server: how values are converted, compared and matched.
import { describeType, type SqlType, type SqlValue, type TypeName } from "../sql/types.ts";
import { SqlError } from "./sql-error.ts";

const guidPattern = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;

/** CAST. @throws SqlError 245, 241, 8169 or 8115 when the value does not fit. */
export function convert(value: SqlValue, type: SqlType): SqlValue {
  return value === null ? null : conversions[type.name](value, type);
}

const conversions: Record<TypeName, (value: NonNullable<SqlValue>, type: SqlType) => SqlValue> = {
  nvarchar: asFittingText,
  varchar: asFittingText,
  bit: (value, type) => (typeof value === "boolean" ? value : asNumber(value, type) !== 0),
  tinyint: asInteger,
  smallint: asInteger,
  int: asInteger,
  bigint: (value, type) => {
    if (typeof value === "bigint") return value;
    return typeof value === "string" && /^-?\d+$/.test(value)
      ? BigInt(value)
      : BigInt(Math.trunc(asNumber(value, type)));
  },
  real: asNumber,
  float: asNumber,
  decimal: (value, type) => (typeof value === "bigint" ? value : asNumber(value, type)),
  datetime: asMoment,
  datetime2: asMoment,
  datetimeoffset: asMoment,
  date: (value) => {
    const moment = asMoment(value);
    return new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate()));
  },
  uniqueidentifier: (value) => {
    const match = guidPattern.exec(asText(value));
    if (match?.[1] !== undefined) return match[1].toUpperCase();
    throw new SqlError(8169, "Conversion failed when converting from a character string to uniqueidentifier.");
  },
  varbinary: (value) => (Buffer.isBuffer(value) ? value : Buffer.from(asText(value), "utf16le")),
  sql_variant: (value) => value,
};

function asFittingText(value: NonNullable<SqlValue>, type: SqlType): string {
  const text = asText(value);
  return typeof type.length === "number" ? text.slice(0, type.length) : text;
}

const limits: Partial<Record<SqlType["name"], [number, number]>> = {
  tinyint: [0, 255],
  smallint: [-32768, 32767],
  int: [-2147483648, 2147483647],
};

function asInteger(value: NonNullable<SqlValue>, type: SqlType): number {
  const number = Math.trunc(asNumber(value, type));
  const [low, high] = limits[type.name] ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  if (number >= low && number <= high) return number;
  throw new SqlError(8115, `Arithmetic overflow error converting expression to data type ${type.name}.`);
}

function asNumber(value: NonNullable<SqlValue>, type: SqlType): number {
  const number = value instanceof Date || Buffer.isBuffer(value) ? Number.NaN : Number(value);
  if (!Number.isNaN(number)) return number;
  throw new SqlError(
    245,
    `Conversion failed when converting the varchar value '${asText(value)}' to data type ${describeType(type)}.`,
  );
}

function asMoment(value: NonNullable<SqlValue>): Date {
  if (value instanceof Date) return value;
  const text = asText(value).trim().replace(" ", "T");
  const moment = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? text : /[zZ]|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
  if (!Number.isNaN(moment.getTime())) return moment;
  throw new SqlError(241, "Conversion failed when converting date and/or time from character string.");
}

/** Text of a value, as CAST to nvarchar gives it. */
export function asText(value: NonNullable<SqlValue>): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (value instanceof Date) return value.toISOString().replace("T", " ").replace(/Z$/, "0000");
  if (Buffer.isBuffer(value)) return value.toString("utf16le");
  return String(value);
}

/** Order of two values that are not NULL: negative, 0 or positive. Texts: without case, trailing blanks do not count. */
export function compare(left: NonNullable<SqlValue>, right: NonNullable<SqlValue>): number {
  if (left instanceof Date || right instanceof Date) return asMoment(left).getTime() - asMoment(right).getTime();
  if (Buffer.isBuffer(left) && Buffer.isBuffer(right)) return Buffer.compare(left, right);
  if (typeof left === "string" && typeof right === "string") {
    const [one, other] = [comparable(left), comparable(right)];
    return one < other ? -1 : one > other ? 1 : 0;
  }
  if (typeof left === "bigint" && typeof right === "bigint") return left < right ? -1 : left > right ? 1 : 0;
  const number: SqlType = { name: "int" };
  return asNumber(left, number) - asNumber(right, number);
}

/** What two equal texts have in common under SQL_Latin1_General_CP1_CI_AS. */
export function comparable(text: string): string {
  return text.replace(/ +$/, "").toLowerCase();
}

/** LIKE: `%`, `_`, `[set]`, `[^set]`, and the escape character. */
export function matches(text: string, pattern: string, escape: string | null): boolean {
  let expression = "";
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? "";
    if (character === escape) expression += literalOf(pattern[++at] ?? "");
    else if (character === "%") expression += "[\\s\\S]*";
    else if (character === "_") expression += "[\\s\\S]";
    else if (character === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end < 0) return false;
      const set = pattern.slice(at + 1, end);
      const negated = set.startsWith("^");
      expression += `[${negated ? "^" : ""}${(negated ? set.slice(1) : set).replaceAll(/[\\\]^[]/g, "\\$&")}]`;
      at = end;
    } else expression += literalOf(character);
  }
  return new RegExp(`^${expression}$`, "i").test(text);
}

function literalOf(character: string): string {
  return character.replaceAll(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
