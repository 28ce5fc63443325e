import { stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** The folder itself, or its nearest parent that exists. `folder` is relative to `root`. */
export async function existingFolder(root: string, folder: string): Promise<string> {
  let candidate = resolve(root, folder);
  for (;;) {
    const found = await stat(candidate).catch(() => null);
    if (found !== null || dirname(candidate) === candidate) return candidate;
    candidate = dirname(candidate);
  }
}

/** Free bytes and inodes of the file system for an ordinary user; `files` is null where it counts none. */
export async function freeSpace(folder: string): Promise<{ bytes: number; files: number | null }> {
  const system = await statfs(folder);
  return { bytes: system.bavail * system.bsize, files: system.files === 0 ? null : system.ffree };
}

/** `12.3 MB`. */
export function inMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
