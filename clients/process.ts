import { spawn, type ChildProcess } from "node:child_process";
import { CutoverError, messageOf } from "../model/error.ts";
import { codeOf } from "./kubernetes-error.ts";
import { childEnvironment } from "./process-environment.ts";
import { collectOutput } from "./process-output.ts";

export interface ProcessOptions {
  /** Added to the allow-listed environment; the place for secrets (never argv). */
  environment?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Written to stdin; absent: stdin is empty. */
  input?: string;
  /** Then SIGTERM, and after `graceMilliseconds` SIGKILL, to the whole process group. */
  timeoutMilliseconds?: number;
  /** Default 5000. */
  graceMilliseconds?: number;
  /** Stops the group in the same way. */
  signal?: AbortSignal;
  onStdoutLine?: (line: string) => void;
  onStderrLine?: (line: string) => void;
  /** Bytes kept of each stream, the last ones; default 1 MiB. */
  maxOutputBytes?: number;
}

export interface ProcessResult {
  /** Null when a signal ended it. */
  exitCode: number | null;
  endedBy: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** True when output before the kept part was dropped. */
  truncated: boolean;
  timedOut: boolean;
  aborted: boolean;
  durationMilliseconds: number;
}

/**
 * Runs a program to its end, without a shell, in a process group of its own. Any exit code resolves; the caller judges it.
 * @throws CutoverError CUT-4401 when the program cannot be started.
 */
export async function runProcess(argv: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const [program, ...parameters] = argv;
  if (program === undefined || program === "") throw notStarted("(empty command)", new Error("no program given"));
  const began = performance.now();
  const limit = options.maxOutputBytes ?? 1024 * 1024;
  const stdout = collectOutput(limit, options.onStdoutLine);
  const stderr = collectOutput(limit, options.onStderrLine);
  const child = spawn(program, parameters, {
    detached: true,
    env: childEnvironment(options.environment),
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.stdout.on("data", (chunk: Buffer) => {
    stdout.add(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr.add(chunk);
  });
  // A program may end without reading its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const stopper = createStopper(child, options);
  try {
    const [exitCode, endedBy] = await ended(child);
    stdout.end();
    stderr.end();
    return {
      exitCode,
      endedBy,
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: stdout.truncated() || stderr.truncated(),
      timedOut: stopper.reason() === "timeout",
      aborted: stopper.reason() === "abort",
      durationMilliseconds: Math.round(performance.now() - began),
    };
  } catch (cause) {
    throw notStarted(program, cause);
  } finally {
    stopper.dispose();
  }
}

/** Resolves when the program has ended and its output was read; a left-over grandchild that holds the pipes delays it by 1 s at most. */
function ended(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, by) => {
      resolve([code, by]);
    });
    child.once("exit", () => {
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, 1_000).unref();
    });
  });
}

function createStopper(child: ChildProcess, options: ProcessOptions) {
  let reason: "timeout" | "abort" | null = null;
  const timers: NodeJS.Timeout[] = [];
  const stop = (why: "timeout" | "abort") => {
    if (reason !== null) return;
    reason = why;
    signalGroup(child, "SIGTERM");
    timers.push(setTimeout(signalGroup, options.graceMilliseconds ?? 5_000, child, "SIGKILL"));
  };
  const abort = () => {
    stop("abort");
  };
  if (options.timeoutMilliseconds !== undefined) timers.push(setTimeout(stop, options.timeoutMilliseconds, "timeout"));
  if (options.signal?.aborted === true) abort();
  options.signal?.addEventListener("abort", abort, { once: true });
  return {
    reason: (): "timeout" | "abort" | null => reason,
    dispose() {
      for (const timer of timers) clearTimeout(timer);
      options.signal?.removeEventListener("abort", abort);
      // The leader is gone; what it left behind in its group must not outlive a stop.
      if (reason !== null) signalGroup(child, "SIGKILL");
    },
  };
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // The whole group has ended already.
  }
}

function notStarted(program: string, cause: unknown): CutoverError {
  const missing = codeOf(cause) === "ENOENT";
  return new CutoverError(
    {
      code: "CUT-4401",
      verdict: "errored",
      happened: `The program "${program}" could not be started.`,
      evidence: [missing ? "it was not found on PATH (or its working folder does not exist)" : messageOf(cause)],
      next: `Install ${program} or add its folder to PATH, then run again.`,
    },
    { cause },
  );
}
