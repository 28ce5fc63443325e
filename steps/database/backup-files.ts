import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { canonicalJson, sha256 } from "../../model/ledger.ts";

export const manifestName = "manifest.json";

const fileShape = z.object({ name: z.string(), bytes: z.number(), sha256: z.string() });
const manifestShape = z.object({
  format: z.literal(1),
  id: z.string(),
  stack: z.string(),
  service: z.string(),
  attempt: z.string(),
  database: z.string(),
  systemIdentifier: z.string().nullable(),
  serverVersion: z.string(),
  toolVersion: z.string(),
  startedAt: z.string(),
  finishedAt: z.string(),
  bytes: z.number(),
  files: z.array(fileShape),
  /** Rows by table, where they were counted in the dump's own snapshot. */
  rows: z.record(z.string(), z.number()).optional(),
});
/** What a backup says of itself: identity, times in UTC, and every file's size and sha256. */
export type BackupManifest = z.infer<typeof manifestShape>;
export type BackupFile = z.infer<typeof fileShape>;

/** Hex sha256 that stands for the whole backup; kept in the ledger. */
export function manifestDigest(manifest: BackupManifest): string {
  return sha256(canonicalJson(manifest));
}

/** Reads and hashes all files below a folder but the manifest, a few at a time. */
export async function hashFiles(folder: string, signal: AbortSignal): Promise<BackupFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => name !== manifestName)
    .sort();
  const files: BackupFile[] = [];
  const next = async (): Promise<void> => {
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      files.push(await hashFile(folder, name, signal));
    }
  };
  await Promise.all([next(), next()]);
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function hashFile(folder: string, name: string, signal: AbortSignal): Promise<BackupFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(join(folder, name), { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { name, bytes, sha256: hash.digest("hex") };
}

/** Reads a backup's manifest; null when there is none, it is unreadable, or it is not the one with that digest. */
export async function readManifest(folder: string, digest: string): Promise<BackupManifest | null> {
  const manifest = await readAnyManifest(folder);
  return manifest !== null && manifestDigest(manifest) === digest ? manifest : null;
}

/** The manifest in a folder, whatever its digest; null when there is none or it is unreadable. */
export async function readAnyManifest(folder: string): Promise<BackupManifest | null> {
  try {
    return manifestShape.parse(JSON.parse(await readFile(join(folder, manifestName), "utf8")));
  } catch {
    return null;
  }
}

/** The part of `backupProblem` that reads no file but the manifest: what is missing or has another size. */
export async function backupGlance(folder: string, digest: string): Promise<string | null> {
  const manifest = await readAnyManifest(folder);
  if (manifest === null) return `${manifestName} is missing or unreadable`;
  if (manifestDigest(manifest) !== digest) return `${manifestName} is not the one that the ledger knows`;
  for (const file of manifest.files) {
    const size = await stat(join(folder, file.name)).then(
      (facts) => facts.size,
      () => -1,
    );
    if (size < 0) return `${file.name} is gone`;
    if (size !== file.bytes) return `${file.name} has ${size} bytes, had ${file.bytes}`;
  }
  return null;
}

/** Why a stored backup is not what the ledger says, or null when every size and sha256 still matches. */
export async function backupProblem(folder: string, digest: string, signal: AbortSignal): Promise<string | null> {
  // Sizes first: a truncated file is found without reading gigabytes.
  const glance = await backupGlance(folder, digest);
  if (glance !== null) return glance;
  const manifest = await readManifest(folder, digest);
  const now = await hashFiles(folder, signal);
  const known = new Map(manifest?.files.map((file) => [file.name, file.sha256]));
  const changed = now.find((file) => known.get(file.name) !== file.sha256);
  return changed === undefined ? null : `${changed.name} is not the file that was written`;
}
