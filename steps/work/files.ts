import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Receipt, StepRequest } from "../../model/step.ts";

/** Environment variable that marks a worker and everything it starts; its value is the worker's id. */
export const workIdVariable = "CUTOVER_WORK_ID";

/** Files of one worker. */
export interface WorkFiles {
  folder: string;
  request: string;
  log: string;
  result: string;
}

/** Folder of a piece of work: `.cutover/work/<stack>/<run>-<service>-<step>`. */
export function workFolder(root: string, request: StepRequest): string {
  const run = request.attempt.split(".")[0] ?? "unknown";
  return join(root, ".cutover", "work", request.stack, `${run}-${request.service ?? request.platform}-${request.step}`);
}

export function workFiles(folder: string, id: string): WorkFiles {
  return {
    folder,
    request: join(folder, `${id}.request.json`),
    log: join(folder, `${id}.log`),
    result: join(folder, `${id}.result.json`),
  };
}

/** What a worker leaves for the step that waits for it. */
export interface WorkResult {
  receipt: Receipt;
  /** Code and lines for people when it did not pass. */
  lines: string[];
  head: string;
}

/** Writes a file so that readers see all of it or nothing, also after a power cut. */
export async function writeAtomically(path: string, text: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.part`;
  const handle = await open(draft, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** Makes a rename inside a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The worker's result, or null while there is none. */
export async function readResult(files: WorkFiles): Promise<WorkResult | null> {
  try {
    return JSON.parse(await readFile(files.result, "utf8")) as WorkResult;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Folders with login files of PostgreSQL's tools begin so. */
export const loginPrefix = "login-";

/** Removes the login files that a killed worker left in its folder. */
export async function removeLogins(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.startsWith(loginPrefix)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Last lines of a worker's log, for error texts. */
export async function lastLogLines(files: WorkFiles, lines: number): Promise<string[]> {
  const text = await readFile(files.log, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-lines);
}

/** True when a folder exists and can be read here. */
export async function isReadable(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  );
}
