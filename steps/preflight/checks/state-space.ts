import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Check } from "../contract.ts";
import { existingFolder, freeSpace, inMegabytes } from "../free-space.ts";
import { failed, passed, skipped } from "../outcome.ts";

// The backend writes the whole state, a copy and a history entry, again for every step.
const leastBytes = 16_000_000;
const timesTheState = 10;

/** Room for the Pulumi state: a full disk destroys it and its copy (reliability-performance.md 0.1). */
export const stateSpace: Check = {
  name: "state-space",
  code: "CUT-3161",
  overridable: true,
  async run({ pulumi, root, request }) {
    if (pulumi.backend === null) return skipped("it is not known where Pulumi keeps the state");
    const folder = localFolder(pulumi.backend);
    if (folder === null) return skipped("the state is kept by a service");
    const existing = await existingFolder(root, folder);
    const state = await stateBytes(join(folder, ".pulumi", "stacks"), request.stack);
    const wanted = Math.max(leastBytes, timesTheState * state);
    const { bytes, files } = await freeSpace(existing);
    const summary = `${inMegabytes(wanted)} wanted, ${inMegabytes(bytes)} free`;
    if (bytes >= wanted && files !== 0) return passed(summary);
    return failed(
      `too little space for the Pulumi state: ${summary}${files === 0 ? ", no free inode" : ""}`,
      [`folder: ${folder}`, `state: ${inMegabytes(state)}`],
      "free space there first: a full disk truncates the state and its copy",
    );
  },
};

/** Folder of a `file://` backend; null for every other backend. */
export function localFolder(backend: string): string | null {
  if (!backend.startsWith("file://")) return null;
  const path = (backend.slice("file://".length).split("?")[0] ?? "").replace(/^~(?=\/|$)/, homedir());
  return path === "" ? homedir() : path;
}

async function stateBytes(stacks: string, stack: string): Promise<number> {
  const names = await readdir(stacks, { recursive: true }).catch(() => []);
  const own = names.filter((name) => name.endsWith(`${stack}.json`));
  const sizes = await Promise.all(own.map(async (name) => (await stat(join(stacks, name))).size));
  return Math.max(0, ...sizes);
}
