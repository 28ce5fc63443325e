import { spawn } from "node:child_process";

export interface RunOptions {
  environment?: NodeJS.ProcessEnv;
  workingDirectory?: string;
  /** Killed with SIGKILL after this many milliseconds. */
  timeoutMilliseconds?: number;
  user?: { uid: number; gid: number } | undefined;
}

export interface RunResult {
  /** Null when the command was ended by a signal. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end. Rejects when it cannot be started at all; any exit code is a result. */
export function runCommand(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd: options.workingDirectory,
      env: options.environment ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeoutMilliseconds,
      killSignal: "SIGKILL",
      ...(options.user ?? {}),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.once("error", reject);
    child.once("close", (exitCode) => {
      resolve({ exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** Last lines of a command's output, for the evidence of an error. */
export function lastLines(text: string, lines: number): string[] {
  return text.trimEnd().split("\n").slice(-lines);
}
