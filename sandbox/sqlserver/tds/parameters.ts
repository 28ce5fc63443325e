// STAND-IN for SQL Server: reads RPC requests (MS-TDS 2.2.6.6) and SQL batches (2.2.6.7).
import type { SqlType, SqlValue, TypeName } from "../sql/types.ts";
import { ByteReader } from "./byte-reader.ts";
import { dateOf, dateOfThreeHundredths, guidText, timeLength } from "./value-bytes.ts";

export interface Parameter {
  /** Without `@`; empty when given by position. */
  name: string;
  output: boolean;
  type: SqlType;
  value: SqlValue;
}

export interface RpcRequest {
  /** A name, or the number of a special procedure. */
  procedure: string | number;
  parameters: Parameter[];
}

/** Text of a SQL batch. */
export function readBatch(data: Buffer): string {
  return data.subarray(headersLength(data)).toString("utf16le");
}

/** @throws Error for a type that the stand-in does not know. */
export function readRpc(data: Buffer): RpcRequest {
  const reader = new ByteReader(data);
  reader.skip(headersLength(data));
  const nameLength = reader.uint16();
  const procedure = nameLength === 0xffff ? reader.uint16() : reader.text(nameLength);
  reader.skip(2); // option flags
  const parameters: Parameter[] = [];
  while (reader.left > 0) {
    const name = reader.text(reader.uint8()).replace(/^@/, "");
    const output = (reader.uint8() & 0x01) !== 0;
    const type = readType(reader);
    parameters.push({ name, output, type, value: readValue(reader, type) });
  }
  return { procedure, parameters };
}

/** ALL_HEADERS: transaction descriptor and so on; its first field is its own length. */
function headersLength(data: Buffer): number {
  return data.readUInt32LE(0);
}

const integers: Record<number, SqlType["name"]> = { 1: "tinyint", 2: "smallint", 4: "int", 8: "bigint" };

/** TYPE_INFO by its first byte. */
const typeReaders: Record<number, (reader: ByteReader) => SqlType> = {
  0x26: (reader) => ({ name: integers[reader.uint8()] ?? "int" }),
  0x68: (reader) => sized(reader, { name: "bit" }),
  0x6d: (reader) => ({ name: reader.uint8() === 4 ? "real" : "float" }),
  0x6a: readDecimalType,
  0x6c: readDecimalType,
  0x6f: (reader) => sized(reader, { name: "datetime" }),
  0x28: () => ({ name: "date" }),
  0x2a: (reader) => ({ name: "datetime2", scale: reader.uint8() }),
  0x2b: (reader) => ({ name: "datetimeoffset", scale: reader.uint8() }),
  0x24: (reader) => sized(reader, { name: "uniqueidentifier" }),
  0xa5: (reader) => ({ name: "varbinary", length: readLength(reader, 1) }),
  0xad: (reader) => ({ name: "varbinary", length: readLength(reader, 1) }),
  0xa7: (reader) => withCollation(reader, { name: "varchar", length: readLength(reader, 1) }),
  0xaf: (reader) => withCollation(reader, { name: "varchar", length: readLength(reader, 1) }),
  0xe7: (reader) => withCollation(reader, { name: "nvarchar", length: readLength(reader, 2) }),
  0xef: (reader) => withCollation(reader, { name: "nvarchar", length: readLength(reader, 2) }),
};

function readType(reader: ByteReader): SqlType {
  const token = reader.uint8();
  const read = typeReaders[token];
  if (read === undefined) throw new Error(`STAND-IN: parameters of type 0x${token.toString(16)} are not known`);
  return read(reader);
}

/** A type whose size says nothing new. */
function sized(reader: ByteReader, type: SqlType): SqlType {
  reader.skip(1);
  return type;
}

function readDecimalType(reader: ByteReader): SqlType {
  reader.skip(1);
  return { name: "decimal", precision: reader.uint8(), scale: reader.uint8() };
}

function readLength(reader: ByteReader, bytesEach: number): number | "max" {
  const bytes = reader.uint16();
  return bytes === 0xffff ? "max" : bytes / bytesEach;
}

function withCollation(reader: ByteReader, type: SqlType): SqlType {
  reader.skip(5);
  return type;
}

function readValue(reader: ByteReader, type: SqlType): SqlValue {
  if (type.length !== undefined) {
    const bytes = type.length === "max" ? chunks(reader) : shortBytes(reader);
    if (bytes === null || type.name === "varbinary") return bytes;
    return bytes.toString(type.name === "varchar" ? "latin1" : "utf16le");
  }
  const length = reader.uint8();
  if (length === 0) return null;
  const read = valueReaders[type.name];
  return read === undefined ? readMoment(reader, type) : read(reader, length, type);
}

const valueReaders: Partial<Record<TypeName, (reader: ByteReader, length: number, type: SqlType) => SqlValue>> = {
  bit: (reader) => reader.uint8() !== 0,
  tinyint: (reader) => reader.uint8(),
  smallint: (reader, length) => reader.int(length),
  int: (reader, length) => reader.int(length),
  bigint: (reader) => reader.int64(),
  real: (reader) => reader.float(),
  float: (reader) => reader.double(),
  decimal: (reader, length, type) => readDecimal(reader, length, type.scale ?? 0),
  uniqueidentifier: (reader) => guidText(reader.take(16)),
};

function readMoment(reader: ByteReader, type: SqlType): Date {
  if (type.name === "datetime") return dateOfThreeHundredths(reader.int(4), reader.int(4));
  if (type.name === "date") return dateOf(reader.uint(3), 0, 7);
  const scale = type.scale ?? 7;
  const time = reader.uint(timeLength(scale));
  const value = dateOf(reader.uint(3), time, scale);
  if (type.name === "datetimeoffset") reader.skip(2);
  return value;
}

function readDecimal(reader: ByteReader, length: number, scale: number): number {
  const sign = reader.uint8() === 1 ? 1 : -1;
  const low = length === 5 ? BigInt(reader.uint32()) : reader.uint64();
  const high = length === 13 ? BigInt(reader.uint32()) : length === 17 ? reader.uint64() : 0n;
  return (sign * Number((high << 64n) | low)) / 10 ** scale;
}

function shortBytes(reader: ByteReader): Buffer | null {
  const length = reader.uint16();
  return length === 0xffff ? null : reader.take(length);
}

/** A partially length-prefixed value (MS-TDS 2.2.5.2.3). */
function chunks(reader: ByteReader): Buffer | null {
  if (reader.uint64() === 0xffffffffffffffffn) return null;
  const pieces: Buffer[] = [];
  for (let length = reader.uint32(); length > 0; length = reader.uint32()) pieces.push(reader.take(length));
  return Buffer.concat(pieces);
}
