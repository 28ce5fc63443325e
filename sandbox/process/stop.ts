import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "./identity.ts";
import { markedProcesses, recordedProcesses, type ProcessRecord } from "./registry.ts";

/** Sends a signal to exactly this process; false when it is gone. */
export function signalProcess(record: ProcessRecord, signal: NodeJS.Signals): boolean {
  if (!isAlive(record)) return false;
  try {
    process.kill(record.pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends processes: the signal to all at once, SIGKILL for those that are still there after the grace (milliseconds).
 * Returns when none of them runs; a process that does not even end by SIGKILL is returned.
 */
export async function stopProcesses(
  records: readonly ProcessRecord[],
  options: { signal?: NodeJS.Signals; graceMilliseconds?: number } = {},
): Promise<ProcessRecord[]> {
  const { signal = "SIGTERM", graceMilliseconds = 5000 } = options;
  for (const record of records) signalProcess(record, signal);
  const left = await waitUntilGone(records, graceMilliseconds);
  for (const record of left) signalProcess(record, "SIGKILL");
  return waitUntilGone(left, 5000);
}

async function waitUntilGone(records: readonly ProcessRecord[], milliseconds: number): Promise<ProcessRecord[]> {
  const deadline = performance.now() + milliseconds;
  let left = records.filter(isAlive);
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(20);
    left = left.filter(isAlive);
  }
  return left;
}

/** Ends everything that belongs to a sandbox's folder, whoever started it. Returns what could not be ended. */
export async function stopEverything(directory: string, graceMilliseconds: number): Promise<ProcessRecord[]> {
  let left: ProcessRecord[] = [];
  // Twice: a process may have started a child between the listing and its end.
  for (let round = 0; round < 2; round++) {
    const records = [...markedProcesses(directory), ...recordedProcesses(directory)].filter(isAlive);
    if (records.length === 0) break;
    left = await stopProcesses(records, { graceMilliseconds: round === 0 ? graceMilliseconds : 0 });
  }
  return left.filter(isAlive);
}
