import { readFile, rm } from "node:fs/promises";
import { resolve } from "node:path";
import * as z from "zod";
import { nodeBackup, type NodeBackup } from "../../model/platform-backup.ts";
import { writeAtomically } from "../work/files.ts";

const record = z.strictObject({ run: z.string(), backup: nodeBackup });

/** Notes a finished part of the backup beside it, so that a resumed run finds it. */
export async function noteFinished(root: string, file: string, run: string, backup: NodeBackup): Promise<void> {
  await writeAtomically(resolve(root, `${file}.json`), `${JSON.stringify({ run, backup }, null, 1)}\n`);
}

/** What an earlier try of the same run finished under that name; null: nothing that can be read. */
export async function finishedBefore(root: string, file: string, run: string): Promise<NodeBackup | null> {
  try {
    const found = record.parse(JSON.parse(await readFile(resolve(root, `${file}.json`), "utf8")));
    return found.run === run ? found.backup : null;
  } catch {
    return null;
  }
}

/** Takes the note away before the part is made anew. */
export async function forget(root: string, file: string): Promise<void> {
  await rm(resolve(root, `${file}.json`), { force: true });
}
