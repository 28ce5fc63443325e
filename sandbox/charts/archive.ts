import { gunzipSync, gzipSync } from "node:zlib";

export { tar, type ArchiveFile } from "../../clients/chart-archive.ts";

/** A gzip file without name and time. Other zlib builds may compress to other bytes: compare by `gunzip`. */
export function gzip(content: Buffer): Buffer {
  return gzipSync(content, { level: 9 });
}

/** The content of a gzip file. */
export function gunzip(archive: Buffer): Buffer {
  return gunzipSync(archive);
}
