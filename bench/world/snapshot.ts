import { cp, mkdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { projectRoot } from "../../sandbox/workspace.ts";

const sources = ["automation", "build", "clients", "components", "model", "stacks", "steps"];
const shared = ["node_modules", "package.json", "package-lock.json"];

/** Copies the sources as they are now: someone who edits them meanwhile must not change what is measured. */
export async function snapshotSources(directory: string): Promise<string> {
  const snapshot = path.join(directory, "bench-sources");
  await mkdir(path.join(snapshot, "dist"), { recursive: true });
  for (const folder of sources)
    await cp(path.join(projectRoot, folder), path.join(snapshot, folder), { recursive: true });
  for (const entry of shared) await symlink(path.join(projectRoot, entry), path.join(snapshot, entry));
  return snapshot;
}

/** Lets a workspace use the snapshot instead of the project: links as before, its own copy of `stacks/`. */
export async function useSnapshot(workspace: string, snapshot: string): Promise<void> {
  for (const folder of [...sources, "dist"]) {
    const target = path.join(workspace, folder);
    await rm(target, { recursive: true, force: true });
    if (folder === "stacks") await cp(path.join(snapshot, folder), target, { recursive: true });
    else await symlink(path.join(snapshot, folder), target, "dir");
  }
}
