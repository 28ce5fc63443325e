import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { World } from "./world.ts";

/** Bytes of the stack's state file in the world's file backend. */
export async function stateBytes(world: World): Promise<number> {
  const backend = (world.workspace.environment["PULUMI_BACKEND_URL"] ?? "").replace(/^file:\/\//, "");
  const stacks = path.join(backend, ".pulumi", "stacks");
  const files = await readdir(stacks, { recursive: true });
  const file = files.find((name) => path.basename(name).startsWith(`${world.stack}.json`) && !name.endsWith(".bak"));
  return file === undefined ? NaN : (await stat(path.join(stacks, file))).size;
}
