import { homedir } from "node:os";
import path from "node:path";

/** Folder of everything that is built or fetched once per user: `${XDG_CACHE_HOME:-~/.cache}/cutover/toolchain`. */
export function toolchainCache(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment["XDG_CACHE_HOME"];
  const cache = base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), ".cache");
  return path.join(cache, "cutover", "toolchain");
}
