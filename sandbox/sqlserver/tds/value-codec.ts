// STAND-IN for SQL Server: how types and values look on the wire, MS-TDS 2.2.5.4 to 2.2.5.6.
import type { SqlType, SqlValue, TypeName } from "../sql/types.ts";
import { uint16, uint32 } from "./byte-reader.ts";
import { dayAndTime, guidBytes, threeHundredths, timeBytes } from "./value-bytes.ts";

/** SQL_Latin1_General_CP1_CI_AS: the default of an English server. */
export const collation = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);

const maximum = 0xffff;
// Widest sql_variant: 8000 bytes of value and its header.
const variantLength = 8009;

const typeInfos: Record<TypeName, (type: SqlType) => Buffer> = {
  bit: () => Buffer.from([0x68, 1]),
  tinyint: () => Buffer.from([0x26, 1]),
  smallint: () => Buffer.from([0x26, 2]),
  int: () => Buffer.from([0x26, 4]),
  bigint: () => Buffer.from([0x26, 8]),
  real: () => Buffer.from([0x6d, 4]),
  float: () => Buffer.from([0x6d, 8]),
  decimal: (type) => Buffer.from([0x6c, 17, type.precision ?? 18, type.scale ?? 0]),
  datetime: () => Buffer.from([0x6f, 8]),
  date: () => Buffer.from([0x28]),
  datetime2: (type) => Buffer.from([0x2a, type.scale ?? 7]),
  datetimeoffset: (type) => Buffer.from([0x2b, type.scale ?? 7]),
  uniqueidentifier: () => Buffer.from([0x24, 16]),
  varbinary: (type) => Buffer.concat([Buffer.from([0xa5]), uint16(wireLength(type, 1))]),
  varchar: (type) => Buffer.concat([Buffer.from([0xa7]), uint16(wireLength(type, 1)), collation]),
  nvarchar: (type) => Buffer.concat([Buffer.from([0xe7]), uint16(wireLength(type, 2)), collation]),
  sql_variant: () => Buffer.concat([Buffer.from([0x62]), uint32(variantLength)]),
};

/** TYPE_INFO. */
export function typeInfo(type: SqlType): Buffer {
  return typeInfos[type.name](type);
}

function wireLength(type: SqlType, bytesEach: number): number {
  const length = type.length ?? 1;
  if (length === "max" || length * bytesEach > 8000) return maximum;
  return Math.max(1, length) * bytesEach;
}

/** A value behind its TYPE_INFO, NULL included. */
export function valueBytes(type: SqlType, value: SqlValue): Buffer {
  switch (type.name) {
    case "varchar":
      return lengthPrefixed(type, 1, value === null ? null : Buffer.from(String(value), "latin1"));
    case "nvarchar":
      return lengthPrefixed(type, 2, value === null ? null : Buffer.from(String(value), "utf16le"));
    case "varbinary":
      return lengthPrefixed(type, 1, value === null ? null : (value as Buffer));
    case "sql_variant":
      return value === null ? uint32(0) : variantBytes(value);
    default: {
      if (value === null) return Buffer.from([0]);
      const bytes = fixedBytes(type, value);
      return Buffer.concat([Buffer.from([bytes.length]), bytes]);
    }
  }
}

function lengthPrefixed(type: SqlType, bytesEach: number, bytes: Buffer | null): Buffer {
  if (wireLength(type, bytesEach) !== maximum) {
    return bytes === null ? uint16(0xffff) : Buffer.concat([uint16(bytes.length), bytes]);
  }
  if (bytes === null) return Buffer.alloc(8, 0xff);
  const total = Buffer.alloc(8);
  total.writeBigUInt64LE(BigInt(bytes.length));
  const chunk = bytes.length === 0 ? Buffer.alloc(0) : Buffer.concat([uint32(bytes.length), bytes]);
  return Buffer.concat([total, chunk, uint32(0)]);
}

const fixed: Partial<Record<TypeName, (value: NonNullable<SqlValue>, type: SqlType) => Buffer>> = {
  bit: (value) => Buffer.from([value === true || value === 1 ? 1 : 0]),
  tinyint: (value) => integerBytes(value, 1),
  smallint: (value) => integerBytes(value, 2),
  int: (value) => integerBytes(value, 4),
  bigint: (value) => integerBytes(value, 8),
  real: (value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(Number(value));
    return bytes;
  },
  float: (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(Number(value));
    return bytes;
  },
  decimal: (value, type) => decimalBytes(value as number | bigint, type.scale ?? 0),
  datetime: (value) => threeHundredths(value as Date),
  date: (value) => dayAndTime(value as Date).day,
  datetime2: (value, type) => Buffer.concat([timeBytes(value as Date, type.scale ?? 7), dayAndTime(value as Date).day]),
  datetimeoffset: (value, type) =>
    Buffer.concat([timeBytes(value as Date, type.scale ?? 7), dayAndTime(value as Date).day, uint16(0)]),
  uniqueidentifier: (value) => guidBytes(value as string),
};

function fixedBytes(type: SqlType, value: NonNullable<SqlValue>): Buffer {
  const bytes = fixed[type.name]?.(value, type);
  if (bytes === undefined) throw new Error(`no wire form of ${type.name}`);
  return bytes;
}

function integerBytes(value: NonNullable<SqlValue>, size: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value as number | bigint | boolean));
  return bytes.subarray(0, size);
}

function decimalBytes(value: number | bigint, scale: number): Buffer {
  const scaled = typeof value === "bigint" ? value * 10n ** BigInt(scale) : BigInt(Math.round(value * 10 ** scale));
  const bytes = Buffer.alloc(17);
  bytes.writeUInt8(scaled < 0n ? 0 : 1, 0);
  const magnitude = scaled < 0n ? -scaled : scaled;
  bytes.writeBigUInt64LE(magnitude & 0xffffffffffffffffn, 1);
  bytes.writeBigUInt64LE(magnitude >> 64n, 9);
  return bytes;
}

/** sql_variant carries its own type: here int, bigint, bit or nvarchar. */
function variantBytes(value: NonNullable<SqlValue>): Buffer {
  const [token, properties, bytes] = variantParts(value);
  const body = Buffer.concat([Buffer.from([token, properties.length]), properties, bytes]);
  return Buffer.concat([uint32(body.length), body]);
}

function variantParts(value: NonNullable<SqlValue>): [number, Buffer, Buffer] {
  if (typeof value === "boolean") return [0x32, Buffer.alloc(0), Buffer.from([value ? 1 : 0])];
  if (typeof value === "number") return [0x38, Buffer.alloc(0), integerBytes(Math.trunc(value), 4)];
  if (typeof value === "bigint") return [0x7f, Buffer.alloc(0), integerBytes(value, 8)];
  if (value instanceof Date) return [0x3d, Buffer.alloc(0), threeHundredths(value)];
  const text = Buffer.from(String(value), "utf16le");
  return [0xe7, Buffer.concat([collation, uint16(8000)]), text];
}
