import { crc32 } from "node:zlib";

/** A file of an archive; `path` with forward slashes. */
export interface ArchiveFile {
  path: string;
  content: Buffer;
}

const block = 512;
// One fixed time in all archives, so that equal content has equal bytes: 2026-01-01T00:00:00Z, in seconds.
const modified = 1_767_225_600;

/**
 * Packs files as `.tgz` whose bytes depend on paths and contents only: neither on order, owner, time nor on the zlib that Node was built
 * with, for nothing is compressed. Helm compresses what it stores. Throws when a path is too long for the format (255 bytes).
 */
export function packArchive(files: readonly ArchiveFile[]): Buffer {
  return storedGzip(tar(files));
}

/** A ustar archive whose bytes depend on paths and contents only, not on order, owner or time. */
export function tar(files: readonly ArchiveFile[]): Buffer {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const parts = sorted.flatMap(({ path, content }) => [
    header(path, content.length),
    content,
    Buffer.alloc((block - (content.length % block)) % block),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function header(path: string, size: number): Buffer {
  const { prefix, name } = splitPath(path);
  const bytes = Buffer.alloc(block);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, "0")}\0`;
  bytes.write(name, 0);
  bytes.write(octal(0o644, 8), 100);
  bytes.write(octal(0, 8), 108);
  bytes.write(octal(0, 8), 116);
  bytes.write(octal(size, 12), 124);
  bytes.write(octal(modified, 12), 136);
  bytes.write(" ".repeat(8), 148);
  bytes.write("0", 156);
  bytes.write("ustar\u000000", 257);
  bytes.write(prefix, 345);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}

// ustar keeps up to 155 bytes of folders and up to 100 bytes of the rest.
function splitPath(path: string): { prefix: string; name: string } {
  if (Buffer.byteLength(path) <= 100) return { prefix: "", name: path };
  for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return { prefix, name };
  }
  throw new Error(`the path is too long for a chart archive: ${path}`);
}

/** A gzip file (RFC 1952) of stored blocks, without name and time. */
function storedGzip(content: Buffer): Buffer {
  const longest = 0xffff;
  const parts: Buffer[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])];
  for (let at = 0; at < content.length; at += longest) {
    const piece = content.subarray(at, at + longest);
    const head = Buffer.alloc(5);
    head.writeUInt8(at + longest >= content.length ? 1 : 0, 0);
    head.writeUInt16LE(piece.length, 1);
    head.writeUInt16LE(~piece.length & 0xffff, 3);
    parts.push(head, piece);
  }
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc32(content), 0);
  end.writeUInt32LE(content.length % 2 ** 32, 4);
  return Buffer.concat([...parts, end]);
}
