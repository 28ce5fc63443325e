import { link, mkdir, open, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { sha256 } from "../model/ledger.ts";
import type { LedgerStore, PageShelf, WriteOutcome } from "./ledger-contract.ts";
import { ledgerOver } from "./ledger-writer.ts";
import { readPage } from "./ledger-page.ts";

/** A ledger in a folder of JSON files, one a page: for tests and export. Safe for several writers on one machine. */
export function openFileLedger(input: { stack: string; folder: string }): LedgerStore {
  return ledgerOver(fileShelf(input.stack, input.folder));
}

/** Pages as files of a folder; what is written is exactly what is given. */
export function fileShelf(stack: string, folder: string): PageShelf {
  return {
    stack,
    async read() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (isCode(error, "ENOENT")) return [];
        throw error;
      });
      const stored = [];
      for (const name of names.filter((candidate) => /^page-\d+\.json$/.test(candidate)).sort()) {
        const text = await readFile(join(folder, name), "utf8");
        stored.push({ page: readPage(text, name), version: sha256(text) });
      }
      return stored.sort((a, b) => a.page.number - b.page.number);
    },
    async write(page, version) {
      await mkdir(folder, { recursive: true });
      const path = join(folder, `page-${String(page.number).padStart(6, "0")}.json`);
      const text = `${JSON.stringify(page)}\n`;
      return version === null ? create(path, text) : replace(path, text, version);
    },
  };
}

/** `link` fails when the name exists: exactly one of several creators wins. */
async function create(path: string, text: string): Promise<WriteOutcome> {
  const draft = await writeDraft(path, text);
  try {
    await link(draft, path);
    return "written";
  } catch (error) {
    if (isCode(error, "EEXIST")) return "conflict";
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Compare and swap under a lock file, since a rename alone compares nothing. */
async function replace(path: string, text: string, version: string): Promise<WriteOutcome> {
  const lock = `${path}.lock`;
  const handle = await open(lock, "wx").catch((error: unknown) => {
    if (isCode(error, "EEXIST")) return null;
    throw error;
  });
  if (handle === null) {
    await breakStaleLock(lock);
    return "conflict";
  }
  try {
    if (sha256(await readFile(path, "utf8")) !== version) return "conflict";
    await rename(await writeDraft(path, text), path);
    return "written";
  } finally {
    await handle.close();
    await rm(lock, { force: true });
  }
}

/** A writer holds its lock for milliseconds; one killed meanwhile would hold it for ever. */
async function breakStaleLock(lock: string): Promise<void> {
  const age = await stat(lock).then(
    (facts) => Date.now() - facts.mtimeMs,
    () => 0,
  );
  if (age > 10_000) await rm(lock, { force: true });
}

async function writeDraft(path: string, text: string): Promise<string> {
  const draft = `${path}.${randomUUID()}.part`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return draft;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
