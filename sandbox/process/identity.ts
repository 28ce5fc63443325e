import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process that cannot be confused with a later one of the same number. */
export interface ProcessIdentity {
  pid: number;
  /** Start time as the system tells it; empty when the process had already ended. */
  startedAt: string;
}

/**
 * Start time of a process as opaque text, or null when there is no such process (a zombie counts as ended).
 * Linux reads /proc; elsewhere `ps` is asked.
 */
export function startTimeOf(pid: number): string | null {
  if (process.platform !== "linux") return startTimeFromPs(pid);
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return null;
  }
  // The command name may contain blanks and parentheses: the fields are counted from the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? null : (fields[19] ?? null);
}

function startTimeFromPs(pid: number): string | null {
  try {
    const text = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return text === "" || text.startsWith("Z") ? null : text.replace(/^\S+\s+/, "");
  } catch {
    return null;
  }
}

/** Identity of a running process. */
export function identify(pid: number): ProcessIdentity {
  return { pid, startedAt: startTimeOf(pid) ?? "" };
}

/** True while exactly this process runs; a later process with the same number does not count. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.startedAt !== "" && startTimeOf(identity.pid) === identity.startedAt;
}
