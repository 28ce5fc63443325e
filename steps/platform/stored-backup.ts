import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { receiptsOfOperation } from "../../clients/ledger-receipts.ts";
import { canonicalJson, sha256 } from "../../model/ledger.ts";
import { platformBackup, type PlatformBackup } from "../../model/platform-backup.ts";
import type { Receipt } from "../../model/step.ts";
import type { StepContext } from "../context.ts";
import { writeAtomically } from "../work/files.ts";

const manifestName = "manifest.json";

/** Writes the manifest of a platform backup; returns its sha256, by which the ledger knows it. */
export async function storeManifest(folder: string, backup: PlatformBackup): Promise<string> {
  await writeAtomically(join(folder, manifestName), `${JSON.stringify(backup, null, 2)}\n`);
  return digestOf(backup);
}

/** Reads a manifest that must have that digest; null when it is gone, unreadable or another one. */
export async function loadManifest(folder: string, digest: string): Promise<PlatformBackup | null> {
  try {
    const backup = platformBackup.parse(JSON.parse(await readFile(join(folder, manifestName), "utf8")));
    return digestOf(backup) === digest ? backup : null;
  } catch {
    return null;
  }
}

/** What is wrong with the files that a platform backup keeps here; null: all are as they were written. Databases are asked elsewhere. */
export async function fileProblem(root: string, backup: PlatformBackup, signal: AbortSignal): Promise<string | null> {
  for (const part of backup.nodes) {
    if (part.kind !== "archive") continue;
    const found = await hashOf(resolve(root, part.file), signal);
    if (found === null) return `${part.file} is gone`;
    if (found !== part.sha256) return `${part.file} has another content than when it was written`;
  }
  return null;
}

/** The platform backup that the present run or operation took, with its receipt; null: none yet. */
export async function backupOfOperation(
  context: Pick<StepContext, "root" | "ledger">,
): Promise<{ receipt: Receipt; backup: PlatformBackup | null } | null> {
  const pages = await (await context.ledger()).pages();
  const receipt = receiptsOfOperation(pages, null, "backup").findLast(({ verdict }) => verdict === "passed");
  if (receipt === undefined) return null;
  const { folder, sha256: digest } = receipt.facts;
  if (typeof folder !== "string" || typeof digest !== "string") return null;
  return { receipt, backup: await loadManifest(resolve(context.root, folder), digest) };
}

function digestOf(backup: PlatformBackup): string {
  return sha256(canonicalJson(backup));
}

async function hashOf(file: string, signal: AbortSignal): Promise<string | null> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, signal })) hash.update(chunk as Buffer);
    return hash.digest("hex");
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
