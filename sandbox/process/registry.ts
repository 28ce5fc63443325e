import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { identify, type ProcessIdentity } from "./identity.ts";

/** A process that belongs to a sandbox and has to end with it. */
export interface ProcessRecord extends ProcessIdentity {
  name: string;
}

/** Environment variable that marks every process of a sandbox; its value is the sandbox's folder. */
export const sandboxMarker = "CUTOVER_SANDBOX";

const fileName = "processes.jsonl";

/** Notes a process in the sandbox's folder, so that the reaper finds it when its owner is gone. */
export function recordProcess(directory: string, name: string, pid: number): ProcessRecord {
  const record = { name, ...identify(pid) };
  appendFileSync(path.join(directory, fileName), `${JSON.stringify(record)}\n`);
  return record;
}

/** All recorded processes, oldest first, also those that have ended. */
export function recordedProcesses(directory: string): ProcessRecord[] {
  let text: string;
  try {
    text = readFileSync(path.join(directory, fileName), "utf8");
  } catch {
    return [];
  }
  const records: ProcessRecord[] = [];
  for (const line of text.split("\n")) {
    try {
      if (line !== "") records.push(JSON.parse(line) as ProcessRecord);
    } catch {
      // A line cut by a kill names a process that the marker still finds.
    }
  }
  return records;
}

/**
 * Processes that carry the sandbox's marker in their environment: children of children too, such as pulumi's plugins and
 * the workers of steps. Linux only; elsewhere nothing is found and the records have to do.
 */
export function markedProcesses(directory: string): ProcessRecord[] {
  if (process.platform !== "linux") return [];
  const wanted = `${sandboxMarker}=${directory}`;
  const found: ProcessRecord[] = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(wanted)) continue;
      found.push({ name: readFileSync(`/proc/${pid}/comm`, "utf8").trim(), ...identify(pid) });
    } catch {
      // Ended meanwhile, or another user's.
    }
  }
  return found;
}
