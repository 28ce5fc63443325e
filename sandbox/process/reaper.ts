import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { identify, type ProcessIdentity } from "./identity.ts";

/** Folder names that the reaper may remove. */
export const sandboxFolderPrefix = "cutover-sandbox-";

/**
 * Starts a small process that outlives us: when this process is gone, however it ended, it ends all processes of the
 * sandbox and removes its folder. It ends by itself when the folder is gone.
 */
export function startReaper(directory: string): ProcessIdentity {
  const owner = identify(process.pid);
  const program = fileURLToPath(new URL("reaper-main.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", program, directory, String(owner.pid), owner.startedAt],
    { detached: true, stdio: "ignore", cwd: "/" },
  );
  child.on("error", () => undefined);
  child.unref();
  return identify(child.pid ?? 0);
}
