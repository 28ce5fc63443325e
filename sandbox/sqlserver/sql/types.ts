// STAND-IN for SQL Server: the column and parameter types that it knows.

export type TypeName =
  | "bit"
  | "tinyint"
  | "smallint"
  | "int"
  | "bigint"
  | "real"
  | "float"
  | "decimal"
  | "datetime"
  | "datetime2"
  | "date"
  | "datetimeoffset"
  | "uniqueidentifier"
  | "varchar"
  | "nvarchar"
  | "varbinary"
  | "sql_variant";

export interface SqlType {
  name: TypeName;
  /** Characters (bytes for varchar and varbinary). */
  length?: number | "max";
  precision?: number;
  scale?: number;
}

/**
 * A value in memory. bigint and decimal may be a bigint or a number; moments are a Date whose UTC fields are the wall
 * clock's; uniqueidentifier is upper-case text; varbinary is a Buffer.
 */
export type SqlValue = null | string | number | bigint | boolean | Date | Buffer;

export interface Column {
  name: string;
  type: SqlType;
  nullable: boolean;
}

export const int: SqlType = { name: "int" };
export const smallint: SqlType = { name: "smallint" };
export const tinyint: SqlType = { name: "tinyint" };
export const bigint: SqlType = { name: "bigint" };
export const bit: SqlType = { name: "bit" };
export const float: SqlType = { name: "float" };
export const real: SqlType = { name: "real" };
export const datetime: SqlType = { name: "datetime" };
export const datetime2: SqlType = { name: "datetime2", scale: 7 };
export const guid: SqlType = { name: "uniqueidentifier" };
export const variant: SqlType = { name: "sql_variant" };
/** Names of things. */
export const sysname: SqlType = { name: "nvarchar", length: 128 };

export function nvarchar(length: number | "max"): SqlType {
  return { name: "nvarchar", length };
}

export function varbinary(length: number | "max"): SqlType {
  return { name: "varbinary", length };
}

export function numeric(precision: number, scale = 0): SqlType {
  return { name: "decimal", precision, scale };
}

/** Words of CREATE TABLE, CAST and DECLARE, and what they mean here. */
const aliases: Record<string, TypeName> = {
  bit: "bit",
  tinyint: "tinyint",
  smallint: "smallint",
  int: "int",
  integer: "int",
  bigint: "bigint",
  real: "real",
  float: "float",
  decimal: "decimal",
  numeric: "decimal",
  datetime: "datetime",
  datetime2: "datetime2",
  date: "date",
  datetimeoffset: "datetimeoffset",
  uniqueidentifier: "uniqueidentifier",
  varchar: "varchar",
  char: "varchar",
  nvarchar: "nvarchar",
  nchar: "nvarchar",
  sysname: "nvarchar",
  varbinary: "varbinary",
  binary: "varbinary",
  sql_variant: "sql_variant",
};

const defaults: Partial<Record<TypeName, Partial<SqlType>>> = {
  decimal: { precision: 18, scale: 0 },
  datetime2: { scale: 7 },
  datetimeoffset: { scale: 7 },
};

/** The type that a declaration names, such as `nvarchar(50)`; null when there is no such type. */
export function typeOf(word: string, sizes: readonly (number | "max")[], lengthless: number): SqlType | null {
  const name = aliases[word.toLowerCase()];
  if (name === undefined) return null;
  const type: SqlType = { name, ...defaults[name] };
  const [first, second] = sizes;
  if (name === "varchar" || name === "nvarchar" || name === "varbinary") {
    type.length = word.toLowerCase() === "sysname" ? 128 : (first ?? lengthless);
  } else if (name === "decimal" && typeof first === "number") {
    type.precision = first;
    type.scale = typeof second === "number" ? second : 0;
  } else if (type.scale !== undefined && typeof first === "number") {
    type.scale = first;
  }
  return type;
}

/** As DECLARE and error messages write it. */
export function describeType(type: SqlType): string {
  if (type.length !== undefined) return `${type.name}(${type.length})`;
  return type.name;
}
