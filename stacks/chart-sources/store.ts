import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { sha256 } from "../../model/ledger.ts";

/** True when the archive is in the cache and has these bytes; a damaged one counts as absent. `file` is relative to `root`. */
export function isStored(root: string, file: string, digest: string): boolean {
  try {
    return sha256(readFileSync(path.join(root, file))) === digest;
  } catch {
    return false;
  }
}

/** Puts an archive into the cache, whole or not at all: another process may write or read the same one now. */
export function storeArchive(root: string, file: string, archive: Buffer): void {
  const target = path.join(root, file);
  mkdirSync(path.dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    writeFileSync(temporary, archive);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
