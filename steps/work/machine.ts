import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { LocalMachine } from "../../model/lease.ts";

/** This machine and its processes, as /proc shows them; without /proc pids alone decide. */
export function thisMachine(): LocalMachine {
  return {
    host: hostname(),
    boot: textOf("/proc/sys/kernel/random/boot_id"),
    pidNamespace: linkOf("/proc/self/ns/pid"),
    processStart,
  };
}

/** Start time of a process in clock ticks since boot (`lives` where /proc is missing); null when there is none. */
export function processStart(pid: number): string | null {
  const stat = textOf(`/proc/${pid}/stat`);
  if (stat !== "") {
    // The command name may hold spaces and parentheses; the fields follow the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie is dead: only its parent has not noticed yet.
    return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null);
  }
  if (textOf("/proc/self/stat") !== "") return null;
  try {
    process.kill(pid, 0);
    return "lives";
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM" ? "lives" : null;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
