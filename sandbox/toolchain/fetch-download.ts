import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { CutoverError } from "../../model/error.ts";
import { lastLines, runCommand } from "../process/run.ts";
import type { Download, DownloadFile } from "./official-downloads.ts";

const probes = new Map<string, Promise<boolean>>();

/** True when an address answers at all within 4 s. Asked once per address and run. */
export function reachable(address: string): Promise<boolean> {
  let probe = probes.get(address);
  if (probe === undefined) {
    probe = fetch(address, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(4000) }).then(
      (answer) => answer.status < 500 && answer.status !== 403 && answer.status !== 407,
      () => false,
    );
    probes.set(address, probe);
  }
  return probe;
}

/**
 * Fetches an official release into a folder: every program that the caller wants and the files hold.
 * Throws CUT-9002 when a published sha256 does not match; other errors mean "could not be fetched".
 */
export async function fetchDownload(download: Download, folder: string, wanted: readonly string[]): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(path.join(folder, ".fetch-"));
  const placed: string[] = [];
  try {
    for (const file of download.files) {
      const bytes = await fetchBytes(file.url, 600_000);
      await verifyChecksum(file, bytes);
      if (file.content === "archive") {
        await writeFile(path.join(scratch, "archive.tar.gz"), bytes);
        placed.push(...(await unpack(scratch, folder, wanted)));
      } else {
        const target = path.join(scratch, file.content.program);
        await writeFile(target, bytes, { mode: 0o755 });
        await rename(target, path.join(folder, file.content.program));
        placed.push(file.content.program);
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return placed;
}

async function fetchBytes(url: string, milliseconds: number): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(milliseconds) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

async function verifyChecksum(file: DownloadFile, bytes: Buffer): Promise<void> {
  if (file.checksumUrl === undefined) return;
  const text = (await fetchBytes(file.checksumUrl, 30_000)).toString();
  const { checksumName } = file;
  const line = text
    .split("\n")
    .find((candidate) => checksumName === undefined || candidate.trimEnd().endsWith(checksumName));
  const published = /\b[0-9a-f]{64}\b/.exec(line ?? "")?.[0];
  const actual = createHash("sha256").update(bytes).digest("hex");
  if (published === actual) return;
  throw new CutoverError({
    code: "CUT-9002",
    verdict: "failed",
    happened: `${file.url} is not the file that its project published`,
    evidence: [`published sha256: ${published ?? "not found"}`, `fetched sha256: ${actual}`],
    untouched: "the fetched file was thrown away",
    next: "ask who stands between this machine and the project's server, then try again",
  });
}

async function unpack(scratch: string, folder: string, wanted: readonly string[]): Promise<string[]> {
  const result = await runCommand("tar", ["-xzf", path.join(scratch, "archive.tar.gz"), "-C", scratch]);
  if (result.exitCode !== 0) throw new Error(`tar: ${lastLines(result.stderr, 3).join(" ")}`);
  const placed: string[] = [];
  for (const entry of await readdir(scratch, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !wanted.includes(entry.name)) continue;
    const target = path.join(folder, entry.name);
    await copyFile(path.join(entry.parentPath, entry.name), `${target}.new`);
    await chmod(`${target}.new`, 0o755);
    await rename(`${target}.new`, target);
    placed.push(entry.name);
  }
  return placed;
}
