import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { CutoverError, messageOf } from "../../model/error.ts";

/** How one `pulumi up` ended. */
export interface UpEnd {
  /** Null when a signal ended it. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** What it printed, for the errors that are no engine events; not yet scrubbed. */
  text: string;
}

export interface UpOptions {
  root: string;
  stack: string;
  /** Added to the environment. */
  environment: Readonly<Record<string, string>>;
  onEvent: (event: EngineEvent) => void;
  /** Called once it runs. */
  onStart: (pid: number) => Promise<void>;
  /** Aborts: pulumi gets SIGINT, a minute later SIGKILL. */
  signal: AbortSignal;
}

const lookMilliseconds = 100;
const patienceMilliseconds = 60_000;

/**
 * Runs `pulumi up` as the Automation API does (same flags, same event log), but in a process group of its own, so that a Ctrl-C at the
 * terminal reaches only the driver, and with its output in files, so that it lives on unharmed when the driver is killed (ADR 0004).
 * Throws CUT-6130 when pulumi cannot be started.
 */
export async function pulumiUp(options: UpOptions): Promise<UpEnd> {
  const folder = await mkdtemp(join(tmpdir(), "cutover-run-"));
  const log = join(folder, "events.json");
  const printed = join(folder, "output.txt");
  const output = await open(printed, "w", 0o600);
  try {
    const argv = ["up", "--stack", options.stack, "--yes", "--skip-preview", "--non-interactive", "--color", "never"];
    const child = spawn("pulumi", [...argv, "--event-log", log, "--exec-kind", "auto.local"], {
      cwd: options.root,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_DEBUG_COMMANDS: "true", ...options.environment },
      detached: true,
      stdio: ["ignore", output.fd, output.fd],
    });
    const ended = new Promise<Pick<UpEnd, "exitCode" | "signal">>((resolve, reject) => {
      child.once("error", (cause) => reject(notStarted(cause)));
      child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
    });
    let over = false;
    const finished = ended.finally(() => (over = true));
    finished.catch(() => undefined);
    if (child.pid !== undefined) await options.onStart(child.pid);
    const interrupt = () => {
      child.kill("SIGINT");
      setTimeout(() => child.kill("SIGKILL"), patienceMilliseconds).unref();
    };
    options.signal.addEventListener("abort", interrupt, { once: true });
    try {
      await follow(log, options.onEvent, () => over);
      const end = await finished;
      return { ...end, text: await readFile(printed, "utf8") };
    } finally {
      options.signal.removeEventListener("abort", interrupt);
    }
  } finally {
    await output.close();
    // The event log holds values in clear.
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads the event log as it grows, until `over` and its end. */
async function follow(log: string, onEvent: (event: EngineEvent) => void, over: () => boolean): Promise<void> {
  while (!existsSync(log)) {
    if (over()) return;
    await sleep(lookMilliseconds);
  }
  const file = await open(log, "r");
  const decoder = new TextDecoder();
  const buffer = Buffer.alloc(64 * 1024);
  let rest = "";
  try {
    for (;;) {
      const wasOver = over();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      rest += decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") onEvent(JSON.parse(line) as EngineEvent);
      if (bytesRead > 0) continue;
      if (wasOver) return;
      await sleep(lookMilliseconds);
    }
  } finally {
    await file.close();
  }
}

function notStarted(cause: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-6130",
      verdict: "errored",
      happened: "pulumi could not be started",
      evidence: [messageOf(cause)],
      untouched: "Nothing was changed.",
      next: "Put the pulumi CLI on the PATH; `pulumi version` must answer.",
    },
    { cause },
  );
}
