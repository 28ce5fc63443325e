import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface PulumiOptions {
  /** Added to the workspace's environment. */
  environment?: Record<string, string>;
  /** Milliseconds after which the whole process group gets SIGKILL. */
  timeoutMilliseconds?: number;
  /** Receives every line of stdout and stderr as it comes. */
  onLine?: (line: string) => void;
}

export interface PulumiResult {
  /** Null when it was ended by a signal. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  pid: number;
  durationMilliseconds: number;
}

/** A running pulumi, leader of its own process group. */
export interface PulumiProcess {
  pid: number;
  result: Promise<PulumiResult>;
  /** What it has printed so far, stdout and stderr as they came. */
  output(): string;
  /** Sends a signal to pulumi alone, or with `group` as a Ctrl-C at the terminal would: to the whole group. */
  signal(signal: NodeJS.Signals, options?: { group?: boolean }): void;
}

/** Commands that know `--non-interactive` and `--color` are all: both are global flags. */
const plain = ["--non-interactive", "--color", "never"];

/** Starts pulumi. The result resolves when pulumi itself has ended, even if a grandchild still holds its output. */
export function startPulumi(
  args: readonly string[],
  options: PulumiOptions & { workingDirectory: string; environment: Record<string, string> },
): PulumiProcess {
  const start = performance.now();
  const child = spawn("pulumi", [...args, ...plain], {
    cwd: options.workingDirectory,
    env: options.environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid ?? 0;
  const signal = (name: NodeJS.Signals, { group = false } = {}): void => {
    if (pid === 0 || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(group ? -pid : pid, name);
    } catch {
      // It ended between the check and the signal.
    }
  };
  const stdout = collect(child.stdout, options.onLine);
  const stderr = collect(child.stderr, options.onLine);
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const timer =
    options.timeoutMilliseconds === undefined
      ? null
      : setTimeout(() => signal("SIGKILL", { group: true }), options.timeoutMilliseconds);
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, by) => resolve([code, by]));
  });
  const result = ended
    .then(async ([exitCode, by]): Promise<PulumiResult> => {
      await Promise.race([closed, sleep(1000, undefined, { ref: false })]);
      // A survivor that still holds our pipes must not keep us from ending.
      for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
      const durationMilliseconds = performance.now() - start;
      return { exitCode, signal: by, stdout: stdout(), stderr: stderr(), pid, durationMilliseconds };
    })
    .finally(() => {
      if (timer !== null) clearTimeout(timer);
    });
  return { pid, result, output: () => stdout() + stderr(), signal };
}

function collect(stream: NodeJS.ReadableStream, onLine: ((line: string) => void) | undefined): () => string {
  let text = "";
  let unfinished = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text += chunk;
    if (onLine === undefined) return;
    const lines = (unfinished + chunk).split("\n");
    unfinished = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  stream.on("end", () => {
    if (unfinished !== "") onLine?.(unfinished);
  });
  return () => text;
}
