// The process that cleans up after a sandbox whose owner was killed. Arguments: folder, owner's pid, owner's start time.
import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "./identity.ts";
import { sandboxFolderPrefix } from "./reaper.ts";
import { stopEverything } from "./stop.ts";

const [directory = "", pid = "", startedAt = ""] = process.argv.slice(2);
if (!path.basename(directory).startsWith(sandboxFolderPrefix)) process.exit(2);
const owner = { pid: Number(pid), startedAt };

while (isAlive(owner) && existsSync(directory)) await sleep(400);
if (existsSync(directory)) {
  await stopEverything(directory, 1500);
  // Twice: a dying server may still write its last file.
  for (let round = 0; round < 2; round++) {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    await sleep(200);
  }
}
