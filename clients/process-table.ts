import { readdir, readFile, readlink } from "node:fs/promises";

/** A process as /proc shows it. */
export interface ProcessFacts {
  pid: number;
  parent: number;
  argv: string[];
  /** Working folder, or null where it cannot be read. */
  folder: string | null;
}

// USER_HZ; fixed to 100 on all Linux platforms that Node runs on.
const ticksPerSecond = 100;

/** When the machine was started, milliseconds since the epoch; null where it cannot be told. */
export async function bootTime(): Promise<number | null> {
  const seconds = /^btime (\d+)$/m.exec(await readFile("/proc/stat", "utf8").catch(() => ""))?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

/** When a process was started, milliseconds since the epoch. A zombie is gone. `unknown`: it lives, more can't be told. */
export async function startedAt(pid: number): Promise<number | "gone" | "unknown"> {
  const boot = await bootTime();
  if (boot === null) return isThere(pid) ? "unknown" : "gone";
  const fields = await statFields(pid);
  if (fields === null || fields[0] === "Z" || fields[0] === "X") return "gone";
  return boot + (Number(fields[19]) * 1000) / ticksPerSecond;
}

/** All living processes whose details this user may read. */
export async function listProcesses(): Promise<ProcessFacts[]> {
  const found: ProcessFacts[] = [];
  for (const name of await readdir("/proc").catch(() => [])) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const fields = await statFields(pid);
    if (fields === null || fields[0] === "Z" || fields[0] === "X") continue;
    const argv = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""))
      .split("\0")
      .filter((part) => part !== "");
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => null);
    found.push({ pid, parent: Number(fields[1]), argv, folder });
  }
  return found;
}

/** Fields of /proc/<pid>/stat after the command name, which may hold blanks and parentheses itself. */
async function statFields(pid: number): Promise<string[] | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat === null ? null : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
