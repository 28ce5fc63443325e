import { gunzipSync, gzipSync } from "node:zlib";

/** A file of an archive; `path` with forward slashes. */
export interface ArchiveFile {
  path: string;
  content: Buffer;
}

const block = 512;
// One fixed time in all archives, so that equal content has equal bytes: 2026-01-01T00:00:00Z, in seconds.
const modified = 1_767_225_600;

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
  if (Buffer.byteLength(path) > 100) throw new Error(`path too long for a ustar header: ${path}`);
  const bytes = Buffer.alloc(block);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, "0")}\0`;
  bytes.write(path, 0);
  bytes.write(octal(0o644, 8), 100);
  bytes.write(octal(0, 8), 108);
  bytes.write(octal(0, 8), 116);
  bytes.write(octal(size, 12), 124);
  bytes.write(octal(modified, 12), 136);
  bytes.write(" ".repeat(8), 148);
  bytes.write("0", 156);
  bytes.write("ustar\u000000", 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}

/** A gzip file without name and time. Other zlib builds may compress to other bytes: compare by `gunzip`. */
export function gzip(content: Buffer): Buffer {
  return gzipSync(content, { level: 9 });
}

/** The content of a gzip file. */
export function gunzip(archive: Buffer): Buffer {
  return gunzipSync(archive);
}
