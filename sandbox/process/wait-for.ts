import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks until the answer is true. For the sandbox's own servers only, which offer nothing to watch while they start.
 * Returns false after the time-out (milliseconds), or at once when `giveUp` says that waiting is in vain.
 */
export async function waitFor(
  probe: () => Promise<boolean>,
  options: { timeoutMilliseconds: number; everyMilliseconds?: number; giveUp?: () => boolean },
): Promise<boolean> {
  const deadline = performance.now() + options.timeoutMilliseconds;
  for (;;) {
    if (await probe().catch(() => false)) return true;
    if (options.giveUp?.() === true || performance.now() > deadline) return false;
    await sleep(options.everyMilliseconds ?? 50);
  }
}
