import { mkdir, readFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { CutoverError } from "../../model/error.ts";
import type { Inventory } from "../../model/inventory.ts";
import { sha256 } from "../../model/ledger.ts";
import { writeAtomically } from "../work/files.ts";

/** Where an inventory was put: the path relative to the project folder, and the digest of the file's bytes. */
export interface StoredInventory {
  file: string;
  sha256: string;
}

/** Stores an inventory under a path (absolute, or relative to the project folder); the ledger keeps only its path and digest. */
export async function storeInventory(root: string, file: string, inventory: Inventory): Promise<StoredInventory> {
  const path = resolve(root, file);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const bytes = gzipSync(JSON.stringify(inventory));
  await writeAtomically(path, bytes);
  return { file: relative(root, path), sha256: sha256(bytes) };
}

/** Reads it back. Throws CUT-5100 when it is gone or is not what the ledger says: its statements would be run. */
export async function loadInventory(root: string, stored: StoredInventory): Promise<Inventory> {
  const bytes = await readFile(resolve(root, stored.file)).catch((error: unknown) => error);
  if (bytes instanceof Buffer && sha256(bytes) === stored.sha256) {
    return JSON.parse(gunzipSync(bytes).toString("utf8")) as Inventory;
  }
  throw new CutoverError({
    code: "CUT-5100",
    verdict: "errored",
    happened: `the inventory from before the migration, ${stored.file}, is ${bytes instanceof Buffer ? "changed" : "gone"}`,
    evidence: [`sha256 ${stored.sha256} expected by the ledger`],
    untouched: "The database was not changed by this step.",
    next: `Put the file back at ${stored.file}; run the command again on the machine that took the inventory.`,
  });
}
