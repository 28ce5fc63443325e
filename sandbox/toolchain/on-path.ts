import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../process/run.ts";
import { toolchainCache } from "./cache-folder.ts";
import type { Tool } from "./tools.ts";

/** Full path of a program on PATH, or null. Our own cache and node_modules do not count: they are not the user's. */
export function findOnPath(name: string, environment: NodeJS.ProcessEnv = process.env): string | null {
  const cache = toolchainCache(environment);
  for (const folder of (environment["PATH"] ?? "").split(path.delimiter)) {
    if (!path.isAbsolute(folder) || folder.startsWith(cache) || folder.includes(`${path.sep}node_modules${path.sep}`))
      continue;
    const file = path.join(folder, name);
    if (isProgram(file)) return file;
  }
  return null;
}

/** True for an executable file. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Programs of a tool on PATH when all are there in a version that serves us, by name; else null. */
export async function suitableOnPath(tool: Tool): Promise<Map<string, string> | null> {
  const found = new Map<string, string>();
  for (const binary of tool.binaries) {
    const file = findOnPath(binary.name);
    if (file === null) return null;
    const result = await runCommand(file, binary.versionArguments, { timeoutMilliseconds: 15_000 }).catch(() => null);
    if (result === null || !tool.suits(`${result.stdout}\n${result.stderr}`)) return null;
    found.set(binary.name, file);
  }
  return found;
}
