import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";

/** The lag gate's window in seconds: three scrapes of a Prometheus that looks twice a second. */
export const lagWindowSeconds = 1.5;

/** The smallest window in which a trend can be told; in production it is minutes, and no contender could shorten it. */
export const quickGates = {
  "gim-lag": { windowSeconds: lagWindowSeconds, minimumSamples: 3, timeoutSeconds: 60 },
};

/** Ids of all notes of all release sets: reading them is a person's work and not measured. */
export async function acknowledgeAll(workspace: string): Promise<string[]> {
  const releases = path.join(workspace, "stacks", "infomart", "releases");
  const ids: string[] = [];
  for (const entry of await readdir(releases, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const text = await readFile(path.join(releases, entry.name, "release.yaml"), "utf8");
    const set = parse(text) as { notes?: { id: string }[] };
    ids.push(...(set.notes ?? []).map((note) => note.id));
  }
  return ids;
}
