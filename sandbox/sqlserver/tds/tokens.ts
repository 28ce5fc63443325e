// STAND-IN for SQL Server: the tokens of its answers, MS-TDS 2.2.7.
import type { Column, SqlValue } from "../sql/types.ts";
import { longText, shortText, uint16, uint32 } from "./byte-reader.ts";
import { collation, typeInfo, valueBytes } from "./value-codec.ts";

/** An error or information of the server. Severity 10 and less is information. */
export interface ServerMessage {
  number: number;
  text: string;
  severity: number;
  state?: number;
  procedure?: string;
  line?: number;
}

export const doneStatus = { more: 0x01, error: 0x02, count: 0x10, attention: 0x20 } as const;
export type DoneToken = "done" | "doneInProcedure" | "doneProcedure";
const doneTokens: Record<DoneToken, number> = { done: 0xfd, doneProcedure: 0xfe, doneInProcedure: 0xff };

export function messageToken(message: ServerMessage, serverName: string): Buffer {
  const body = Buffer.concat([
    uint32(message.number),
    Buffer.from([message.state ?? 1, message.severity]),
    longText(message.text),
    shortText(serverName),
    shortText(message.procedure ?? ""),
    uint32(message.line ?? 1),
  ]);
  return Buffer.concat([Buffer.from([message.severity > 10 ? 0xaa : 0xab]), uint16(body.length), body]);
}

export function doneToken(token: DoneToken, status: number, rows: number | null): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt8(doneTokens[token], 0);
  bytes.writeUInt16LE(status | (rows === null ? 0 : doneStatus.count), 1);
  bytes.writeUInt16LE(0xc1, 3);
  bytes.writeBigUInt64LE(BigInt(rows ?? 0), 5);
  return bytes;
}

export function columnsToken(columns: readonly Column[]): Buffer {
  const parts = [Buffer.from([0x81]), uint16(columns.length)];
  for (const column of columns) {
    parts.push(uint32(0), uint16(column.nullable ? 0x09 : 0x08), typeInfo(column.type), shortText(column.name));
  }
  return Buffer.concat(parts);
}

/** ROW, or NBCROW (with a bitmap of the NULLs) where a value is NULL. */
export function rowToken(columns: readonly Column[], values: readonly SqlValue[]): Buffer {
  const some = values.some((value) => value === null);
  const parts: Buffer[] = [Buffer.from([some ? 0xd2 : 0xd1])];
  if (some) {
    const bitmap = Buffer.alloc(Math.ceil(columns.length / 8));
    columns.forEach((_column, index) => {
      if (values[index] === null) bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (1 << (index & 7));
    });
    parts.push(bitmap);
  }
  columns.forEach((column, index) => {
    const value = values[index] ?? null;
    if (value !== null) parts.push(valueBytes(column.type, value));
  });
  return Buffer.concat(parts);
}

export function returnStatusToken(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(0x79, 0);
  bytes.writeInt32LE(value, 1);
  return bytes;
}

/** Output parameter. */
export function returnValueToken(name: string, column: Column, value: SqlValue): Buffer {
  const header = [Buffer.from([0xac]), uint16(0), shortText(`@${name}`), Buffer.from([0x01]), uint32(0), uint16(0)];
  return Buffer.concat([...header, typeInfo(column.type), valueBytes(column.type, value)]);
}

function environmentToken(type: number, now: Buffer, before: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from([type]), now, before]);
  return Buffer.concat([Buffer.from([0xe3]), uint16(body.length), body]);
}

export function databaseChanged(now: string, before: string): Buffer {
  return environmentToken(1, shortText(now), shortText(before));
}

export function packetSizeChanged(now: number, before: number): Buffer {
  return environmentToken(4, shortText(String(now)), shortText(String(before)));
}

export function collationSet(): Buffer {
  return environmentToken(7, Buffer.concat([Buffer.from([collation.length]), collation]), Buffer.from([0]));
}

/** Number 8: begin, 9: commit, 10: rollback. The descriptor names the transaction. */
export function transactionChanged(type: 8 | 9 | 10, descriptor: Buffer): Buffer {
  const text = Buffer.concat([Buffer.from([descriptor.length]), descriptor]);
  const none = Buffer.from([0]);
  return type === 8 ? environmentToken(type, text, none) : environmentToken(type, none, text);
}

export function connectionReset(): Buffer {
  return environmentToken(18, Buffer.from([0]), Buffer.from([0]));
}

/** LOGINACK with TDS 7.4. */
export function loginAcknowledged(program: string, majorVersion: number): Buffer {
  const body = Buffer.concat([
    Buffer.from([1, 0x74, 0x00, 0x00, 0x04]),
    shortText(program),
    Buffer.from([majorVersion, 0, 0x10, 0x00]),
  ]);
  return Buffer.concat([Buffer.from([0xad]), uint16(body.length), body]);
}
