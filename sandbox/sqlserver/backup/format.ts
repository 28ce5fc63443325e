// STAND-IN for SQL Server: its backup files. They are not Microsoft's tape format and no real server reads them, but they are real
// files whose truncation and damage can be found: pages with checksums, and a checksum over all of them.
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { DatabaseFile } from "../engine/database.ts";

/** First bytes of a file: what it is. */
export const mediaMark = Buffer.from("CUTOVER SANDBOX STAND-IN FOR A SQL SERVER BACKUP, NOT READABLE BY ONE\n");
export const pageSize = 8192;
const startMark = Buffer.from("SSET");
const endMark = Buffer.from("ESET");

/** Written before the pages of a backup set. */
export interface SetHeader {
  position: number;
  name: string | null;
  description: string | null;
  databaseName: string;
  databaseCreatedAt: string;
  familyGuid: string;
  setGuid: string;
  serverName: string;
  user: string;
  copyOnly: boolean;
  checksums: boolean;
  compressed: boolean;
  recoveryModel: string;
  majorVersion: number;
  files: DatabaseFile[];
  /** UTC, ISO 8601. */
  startedAt: string;
  /** Bytes of content before compression. */
  size: number;
  pages: number;
}

/** Written after them: without it a backup set is incomplete. */
export interface SetEnd {
  finishedAt: string;
  sha256: string;
}

export function headerBytes(header: SetHeader): Buffer {
  return block(startMark, header);
}

export function endBytes(end: SetEnd): Buffer {
  return block(endMark, end);
}

/** One page: length, checksum (0: none), bytes. */
export function pageBytes(bytes: Buffer, checksums: boolean): Buffer {
  const start = Buffer.alloc(8);
  start.writeUInt32LE(bytes.length, 0);
  start.writeUInt32LE(checksums ? crc32(bytes) : 0, 4);
  return Buffer.concat([start, bytes]);
}

export function pagesOf(content: Buffer): Buffer[] {
  const pages: Buffer[] = [];
  for (let at = 0; at < content.length; at += pageSize) pages.push(content.subarray(at, at + pageSize));
  return pages;
}

export function digestOf(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function block(mark: Buffer, value: SetHeader | SetEnd): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32LE(text.length, 0);
  sizes.writeUInt32LE(crc32(text), 4);
  return Buffer.concat([mark, sizes, text]);
}

export type Damage =
  | "not a backup"
  | "damaged header"
  /** The file ends too early. */
  | "end of file"
  | "damaged page"
  | "inconsistent";

export interface ReadSet {
  header: SetHeader;
  /** Null: the backup never ended, or the file was cut. */
  end: SetEnd | null;
  /** Content as it was written, perhaps compressed. */
  content: Buffer;
  /** What is wrong with it; null: nothing that can be seen. */
  damage: Damage | null;
  /** Number of the first damaged page. */
  damagedPage: number;
}

/** What a file holds. `damage` of the whole file: nothing of it can be read. */
export function readMedia(file: Buffer): { sets: ReadSet[]; damage: Damage | null } {
  if (!file.subarray(0, mediaMark.length).equals(mediaMark)) return { sets: [], damage: "not a backup" };
  const sets: ReadSet[] = [];
  let at = mediaMark.length;
  while (at < file.length) {
    const start = readBlock(file, at, startMark);
    if (start === null) return { sets, damage: sets.length === 0 ? "damaged header" : null };
    const { set, next } = readSet(file, start.value as SetHeader, start.next);
    sets.push(set);
    at = next;
  }
  return { sets, damage: sets.length === 0 ? "end of file" : null };
}

function readBlock(file: Buffer, at: number, mark: Buffer): { value: SetHeader | SetEnd; next: number } | null {
  if (at + 12 > file.length || !file.subarray(at, at + 4).equals(mark)) return null;
  const next = at + 12 + file.readUInt32LE(at + 4);
  const text = file.subarray(at + 12, next);
  if (next > file.length || crc32(text) !== file.readUInt32LE(at + 8)) return null;
  return { value: JSON.parse(text.toString()) as SetHeader | SetEnd, next };
}

function readSet(file: Buffer, header: SetHeader, from: number): { set: ReadSet; next: number } {
  const pages: Buffer[] = [];
  const set: ReadSet = { header, end: null, content: Buffer.alloc(0), damage: null, damagedPage: 0 };
  let at = from;
  for (let number = 0; number < header.pages; number++) {
    const length = at + 8 <= file.length ? file.readUInt32LE(at) : 0;
    if (length === 0 || length > pageSize || at + 8 + length > file.length) {
      return {
        set: { ...set, damage: at + 8 + length > file.length || length === 0 ? "end of file" : "inconsistent" },
        next: file.length,
      };
    }
    const bytes = file.subarray(at + 8, at + 8 + length);
    if (header.checksums && crc32(bytes) !== file.readUInt32LE(at + 4) && set.damage === null) {
      set.damage = "damaged page";
      set.damagedPage = number;
    }
    pages.push(bytes);
    at += 8 + length;
  }
  set.content = Buffer.concat(pages);
  const end = readBlock(file, at, endMark);
  if (end === null) return { set: { ...set, damage: set.damage ?? "end of file" }, next: file.length };
  set.end = end.value as SetEnd;
  if (set.damage === null && header.checksums && digestOf(set.content) !== set.end.sha256) set.damage = "inconsistent";
  return { set, next: end.next };
}
