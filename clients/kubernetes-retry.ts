import { setTimeout as sleep } from "node:timers/promises";
import { CutoverError } from "../model/error.ts";
import { codeOf, isApiError } from "./kubernetes-error.ts";

/** How long a read may be repeated. Milliseconds. */
export interface RetryLimits {
  /** After the server has answered before. */
  totalMilliseconds: number;
  /** While it has never answered: a wrong address shall be reported soon. */
  firstContactMilliseconds: number;
}

export const defaultLimits: RetryLimits = { totalMilliseconds: 30_000, firstContactMilliseconds: 3_000 };

// Nothing heals here by waiting: the name or the certificate is wrong.
const finalCodes = new Set([
  "ENOTFOUND",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
]);

/** Milliseconds to wait before try number `tries` + 1: exponential from 100 ms to 5 s, with full jitter in its upper half. */
export function backoff(tries: number, random: () => number = Math.random): number {
  const ceiling = Math.min(5_000, 100 * 2 ** Math.min(tries, 10));
  return ceiling / 2 + (ceiling / 2) * random();
}

/** True for what may be gone at the next try: 429, 5xx and cut connections. */
export function mayHeal(error: unknown): boolean {
  if (isApiError(error)) return error.status === 429 || error.status >= 500;
  if (!(error instanceof CutoverError) || error.details.code !== "CUT-4001") return false;
  const code = codeOf(error.cause);
  return !finalCodes.has(code) && !code.startsWith("ERR_TLS");
}

/** Makes `retry`, which repeats reads only. Remembers whether the server ever answered. */
export function createRetry(limits: RetryLimits = defaultLimits): <T>(read: () => Promise<T>) => Promise<T> {
  let answered = false;
  return async (read) => {
    const began = performance.now();
    for (let tries = 0; ; tries += 1) {
      try {
        const result = await read();
        answered = true;
        return result;
      } catch (error) {
        if (isApiError(error)) answered = true;
        const limit = answered ? limits.totalMilliseconds : limits.firstContactMilliseconds;
        const asked = isApiError(error) && error.retryAfterSeconds !== null ? error.retryAfterSeconds * 1000 : 0;
        const wait = Math.max(backoff(tries), asked);
        if (!mayHeal(error) || performance.now() - began + wait > limit) throw error;
        await sleep(wait);
      }
    }
  };
}
