import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { recordProcess, type ProcessRecord } from "./registry.ts";
import { isAlive } from "./identity.ts";

export interface ProcessOptions {
  /** Folder of the sandbox: the record and the log go there. */
  directory: string;
  /** Name in the records; the log is `logs/<name>.log`. */
  name: string;
  command: string;
  args: readonly string[];
  environment: NodeJS.ProcessEnv;
  workingDirectory?: string;
  /** Run as another user (needs root). */
  user?: { uid: number; gid: number } | undefined;
}

/** A process of the sandbox that runs in the background. */
export interface BackgroundProcess {
  record: ProcessRecord;
  logFile: string;
  running(): boolean;
  /** Last lines of its output. */
  logTail(lines: number): Promise<string[]>;
}

/** Starts a process in a group of its own, so that a Ctrl-C at the terminal does not reach it before its owner decides. */
export async function startProcess(options: ProcessOptions): Promise<BackgroundProcess> {
  const logFile = path.join(options.directory, "logs", `${options.name}.log`);
  const log = openSync(logFile, "a");
  try {
    const child = spawn(options.command, [...options.args], {
      cwd: options.workingDirectory ?? options.directory,
      env: options.environment,
      detached: true,
      stdio: ["ignore", log, log],
      ...(options.user ?? {}),
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    const pid = child.pid;
    if (pid === undefined) throw new Error(`${options.command} has no process number`);
    const record = recordProcess(options.directory, options.name, pid);
    return {
      record,
      logFile,
      running: () => isAlive(record),
      logTail: (lines) => tailOf(logFile, lines),
    };
  } finally {
    closeSync(log);
  }
}

/** Last lines of a text file; empty when it cannot be read. */
export async function tailOf(file: string, lines: number): Promise<string[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-lines);
}
