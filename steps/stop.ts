import { setTimeout as sleep } from "node:timers/promises";
import { CutoverError } from "../model/error.ts";

const parentWatchMilliseconds = 200;

/** Watches for the reasons to stop early; `release` ends the watch. */
export interface StopWatch {
  signal: AbortSignal;
  release(): void;
}

/**
 * Aborts on SIGTERM, SIGINT and, when `parent` is true, as soon as the parent process is gone: pulumi's plugin kills only
 * its shell, never the step (facts/experiments.md C4).
 */
export function watchForStop(options: { parent: boolean; left: string; next: string }): StopWatch {
  const controller = new AbortController();
  const stop = (why: string): void => {
    const { left, next } = options;
    controller.abort(new CutoverError({ code: "CUT-5021", verdict: "errored", happened: why, untouched: left, next }));
  };
  const terminated = (): void => stop("stopped by SIGTERM");
  const interrupted = (): void => stop("stopped by SIGINT");
  process.on("SIGTERM", terminated);
  process.on("SIGINT", interrupted);
  const parent = process.ppid;
  const timer = options.parent
    ? setInterval(() => {
        if (process.ppid !== parent) stop("stopped because the process that started this step is gone");
      }, parentWatchMilliseconds)
    : null;
  timer?.unref();
  return {
    signal: controller.signal,
    release() {
      process.off("SIGTERM", terminated);
      process.off("SIGINT", interrupted);
      if (timer !== null) clearInterval(timer);
    },
  };
}

const cleanUpMilliseconds = 8_000;

/**
 * Rejects with the stop's reason when the signal aborts. The work gets a few seconds to end what it started (child
 * processes, partial files); then it is left alone.
 */
export async function untilStopped<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<"aborted">((resolve) => {
    onAbort = () => resolve("aborted");
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    const first = await Promise.race([work, aborted]);
    if (first !== "aborted" || !signal.aborted) return first as Result;
    await Promise.race([work.catch(() => undefined), sleep(cleanUpMilliseconds, undefined, { ref: false })]);
    throw signal.reason;
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}
