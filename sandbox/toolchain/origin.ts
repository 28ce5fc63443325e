import { readFile } from "node:fs/promises";
import path from "node:path";

/** How a folder of the cache was filled. */
export interface Origin {
  how: "download" | "build";
  detail: string;
}

/** Name of the file that keeps it, beside the programs. */
export const originFile = "origin.json";

/** Null when the folder does not tell. */
export async function readOrigin(folder: string): Promise<Origin | null> {
  try {
    return JSON.parse(await readFile(path.join(folder, originFile), "utf8")) as Origin;
  } catch {
    return null;
  }
}

/** For the line that a person reads. */
export function describeOrigin(origin: Origin | null): string {
  if (origin === null) return "from the cache";
  return origin.how === "download" ? `official release (${origin.detail})` : `built from source (${origin.detail})`;
}
