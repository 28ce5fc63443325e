import { blockBytes, isZeroBlock, parseHeader, parsePax, textOf, type TarHeader } from "./tar-header.ts";

/** One member of a tar archive. Hard and symbolic links are files here: what a listing of files shows. */
export interface TarEntry {
  path: string;
  directory: boolean;
  bytes: number;
}

/** Reads the members' names of a tar archive as its bytes pass by. */
export interface TarReader {
  /** Throws a plain Error that says what is damaged. */
  push(chunk: Buffer): void;
  /** True when the two zero blocks were seen that end every archive: nothing was cut off. */
  complete(): boolean;
}

// A name or a pax header longer than this is damage.
const longestPayload = 1024 * 1024;

/**
 * ustar, pax (POSIX.1-2024, pax interchange format) and GNU (long names, sparse files, base-256 sizes): what GNU tar and the bsdtar of Windows
 * write. `onEntry` is called for every member.
 */
export function createTarReader(onEntry: (entry: TarEntry) => void): TarReader {
  let rest: Buffer = Buffer.alloc(0);
  /** Bytes of the present member, padding included, that are still to come. */
  let ahead = 0;
  let payload: { type: string; bytes: number; parts: Buffer[] } | null = null;
  let sparseMap = false;
  let zeroBlocks = 0;
  let next: { path?: string; bytes?: number } = {};

  const begin = (header: TarHeader): void => {
    if (header.type === "S" && header.extended) sparseMap = true;
    if ("xXgLK".includes(header.type)) {
      if (header.bytes > longestPayload) throw new Error(`a header of ${header.bytes} bytes`);
      payload = { type: header.type, bytes: header.bytes, parts: [] };
      ahead = padded(header.bytes);
      if (ahead === 0) endPayload();
      return;
    }
    const bytes = next.bytes ?? header.bytes;
    // Links, devices and directories have no content, whatever their size says.
    ahead = "23456".includes(header.type) ? 0 : padded(bytes);
    const path = next.path ?? header.path;
    next = {};
    if (header.type === "V") return;
    onEntry({ path, directory: header.type === "5" || header.type === "D" || path.endsWith("/"), bytes });
  };

  const endPayload = (): void => {
    if (payload === null) return;
    const { type, bytes, parts } = payload;
    const content = Buffer.concat(parts).subarray(0, bytes);
    payload = null;
    if (type === "L") next.path = textOf(content);
    if (type === "x" || type === "X") next = { ...next, ...parsePax(content) };
  };

  const block = (bytes: Buffer): void => {
    if (sparseMap) {
      // The map of a sparse file goes on in blocks of its own; byte 504 says whether another one follows.
      sparseMap = bytes[504] === 1;
    } else if (isZeroBlock(bytes)) {
      zeroBlocks += 1;
    } else if (zeroBlocks > 0) {
      throw new Error("content after an end mark");
    } else {
      begin(parseHeader(bytes));
    }
  };

  return {
    push(chunk) {
      const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      while (at < data.length && zeroBlocks < 2) {
        if (ahead > 0 && !sparseMap) {
          const taken = Math.min(ahead, data.length - at);
          payload?.parts.push(Buffer.from(data.subarray(at, at + taken)));
          ahead -= taken;
          at += taken;
          if (ahead === 0) endPayload();
          continue;
        }
        if (data.length - at < blockBytes) break;
        block(data.subarray(at, at + blockBytes));
        at += blockBytes;
      }
      rest = zeroBlocks < 2 ? Buffer.from(data.subarray(at)) : Buffer.alloc(0);
    },
    complete: () => zeroBlocks >= 2,
  };
}

function padded(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}
