/** Every part of a tar archive is a multiple of this. */
export const blockBytes = 512;

/** One header block. */
export interface TarHeader {
  path: string;
  bytes: number;
  /** POSIX.1-2024 typeflag, or GNU's: L long name, K long link, S sparse, D directory of a dump, V volume. */
  type: string;
  /** GNU sparse: the map goes on in the next block. */
  extended: boolean;
}

export function isZeroBlock(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** Throws a plain Error when the checksum or a number is wrong. */
export function parseHeader(block: Buffer): TarHeader {
  const stored = numberOf(block.subarray(148, 156));
  const sum = (signed: boolean): number =>
    block.reduce(
      (total, byte, at) => total + (at >= 148 && at < 156 ? 32 : signed && byte > 127 ? byte - 256 : byte),
      0,
    );
  // Some old programs added signed bytes.
  if (stored !== sum(false) && stored !== sum(true)) throw new Error("a header whose checksum does not fit");
  const name = textOf(block.subarray(0, 100));
  // "ustar" and NUL; GNU writes "ustar" and blanks and uses the place of the prefix otherwise.
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? textOf(block.subarray(345, 500)) : "";
  const type = block[156] === 0 ? "0" : String.fromCharCode(block[156] ?? 0);
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    bytes: numberOf(block.subarray(124, 136)),
    type,
    extended: block[482] === 1,
  };
}

/** The records `<length> <key>=<value>\n` of a pax header that matter here. Throws a plain Error when they are damaged. */
export function parsePax(content: Buffer): { path?: string; bytes?: number } {
  const found: { path?: string; bytes?: number } = {};
  for (let at = 0; at < content.length;) {
    const blank = content.indexOf(0x20, at);
    const length = Number(content.toString("latin1", at, blank));
    if (blank < 0 || !Number.isInteger(length) || length < 5 || at + length > content.length) {
      throw new Error("a damaged pax header");
    }
    const record = content.toString("utf8", blank + 1, at + length - 1);
    const equals = record.indexOf("=");
    const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
    // The member itself then has an invented name.
    if (key === "GNU.sparse.name" || (key === "path" && found.path === undefined)) found.path = value;
    if (key === "size") found.bytes = Number(value);
    at += length;
  }
  return found;
}

/** Text up to the first NUL. */
export function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? field.length : end);
}

/** Octal text, or GNU's base 256 where the first bit is set. */
function numberOf(field: Buffer): number {
  if (((field[0] ?? 0) & 0x80) !== 0) {
    return [...field.subarray(1)].reduce((total, byte) => total * 256 + byte, (field[0] ?? 0) & 0x7f);
  }
  const text = textOf(field).trim();
  if (!/^[0-7]*$/.test(text)) throw new Error("a header with a damaged number");
  return Number.parseInt(text || "0", 8);
}
