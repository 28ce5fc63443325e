import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm, type FileHandle } from "node:fs/promises";
import { codeOf } from "../../clients/kubernetes-error.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import { memberPath } from "../../model/nodes/file-list.ts";
import { createTarReader } from "../../model/nodes/tar-reader.ts";

/** Opens the file that an archive is written to; tests put a full disk in its place. */
export type OpenFile = (path: string) => Promise<FileHandle>;

export const openFile: OpenFile = (path) => open(path, "w", 0o600);

/** An archive that is being written. */
export interface ArchiveWriter {
  write(chunk: Buffer): Promise<void>;
  /** Everything is on the disk. */
  finish(): Promise<{ sha256: string; bytes: number }>;
  /** Closes and removes the file. */
  discard(): Promise<void>;
}

/** Begins a file; whatever a dead worker left there is removed. Throws CUT-5613 when the disk is full, CUT-5614 when it cannot be written. */
export async function writeArchive(path: string, openIt: OpenFile): Promise<ArchiveWriter> {
  await rm(path, { force: true });
  const handle = await guarded(path, () => openIt(path));
  const hash = createHash("sha256");
  let bytes = 0;
  return {
    async write(chunk) {
      // writeFile goes on after short writes.
      await guarded(path, () => handle.writeFile(chunk));
      hash.update(chunk);
      bytes += chunk.length;
    },
    async finish() {
      await guarded(path, () => handle.sync());
      await handle.close();
      return { sha256: hash.digest("hex"), bytes };
    },
    async discard() {
      await handle.close().catch(() => undefined);
      await rm(path, { force: true });
    },
  };
}

/** What an archive on our disk really holds. */
export interface ReadArchive {
  sha256: string;
  /** Its files, links included, relative to the folder. */
  files: string[];
  /** Its end mark was read. */
  complete: boolean;
  /** What is wrong with its structure; null: nothing. */
  damage: string | null;
}

/** Reads a whole archive back. Rejects with Node's own error when the file cannot be read. */
export async function readArchive(path: string, signal: AbortSignal): Promise<ReadArchive> {
  const hash = createHash("sha256");
  const files: string[] = [];
  const reader = createTarReader(({ path: member, directory }) => {
    if (!directory) files.push(memberPath(member));
  });
  let damage: string | null = null;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk as Buffer);
    try {
      if (damage === null) reader.push(chunk as Buffer);
    } catch (error) {
      damage = messageOf(error);
    }
  }
  return { sha256: hash.digest("hex"), files, complete: damage === null && reader.complete(), damage };
}

async function guarded<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const full = ["ENOSPC", "EDQUOT"].includes(codeOf(cause));
    throw new CutoverError(
      {
        code: full ? "CUT-5613" : "CUT-5614",
        verdict: full ? "failed" : "errored",
        happened: full ? "the disk for backups is full" : "an archive cannot be written",
        evidence: [`${path}: ${messageOf(cause)}`],
        untouched: "The unfinished archive was removed; finished ones are kept, and the nodes were not changed.",
        next: "Free space or set cutover:backupFolder to a larger disk, then run pulumi up again.",
        exitCode: 16,
      },
      { cause },
    );
  }
}
