import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { processStart } from "./machine.ts";
import { workIdVariable } from "./files.ts";

const patienceMilliseconds = 5_000;

/**
 * Ends the processes that a dead worker left behind (a killed worker's pg_dump lives on), found by the worker's id in
 * their environment, so that no other process can be meant. Returns what it ended.
 */
export async function endLeftBehind(workId: string): Promise<string[]> {
  const found = await findMarked(workId);
  for (const { pid } of found) signal(pid, "SIGTERM");
  const deadline = Date.now() + patienceMilliseconds;
  for (const item of found) {
    while (processStart(item.pid) === item.start && Date.now() < deadline) await sleep(50);
    if (processStart(item.pid) === item.start) signal(item.pid, "SIGKILL");
  }
  return found.map(({ pid, name }) => `${name} (pid ${pid})`);
}

async function findMarked(workId: string): Promise<{ pid: number; start: string; name: string }[]> {
  const mark = `${workIdVariable}=${workId}`;
  const found: { pid: number; start: string; name: string }[] = [];
  for (const entry of await readdir("/proc").catch(() => [])) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (!environment.split("\0").includes(mark)) continue;
    const start = processStart(pid);
    const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "process")).trim();
    if (start !== null) found.push({ pid, start, name });
  }
  return found;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Already gone.
  }
}
