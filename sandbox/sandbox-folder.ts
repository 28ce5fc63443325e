import { chmod, mkdir, mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sandboxFolderPrefix } from "./process/reaper.ts";

/** Makes the folder that holds everything of one sandbox; several may exist at once. */
export async function makeSandboxFolder(): Promise<string> {
  const directory = await mkdtemp(path.join(await realpath(tmpdir()), sandboxFolderPrefix));
  // PostgreSQL runs as another user when we are root: it must be able to pass through, not to look around.
  await chmod(directory, 0o711);
  for (const folder of ["logs", "state", "pulumi-home", "helm", "workspaces"]) {
    await mkdir(path.join(directory, folder), { mode: 0o700 });
  }
  return directory;
}
