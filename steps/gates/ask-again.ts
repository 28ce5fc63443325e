import { setTimeout as sleep } from "node:timers/promises";
import { CutoverError, messageOf } from "../../model/error.ts";
import type { Finding, RunningGate } from "./contract.ts";
import { createProgress, formatDuration } from "./progress.ts";

/**
 * Milliseconds between two questions. Used only where the asked system has no watch: Prometheus, SQL and plain HTTP have none. The first
 * pauses are shorter, since the first scrape after a start mostly comes within a moment.
 */
export const pace = 1_000;
const firstPace = 200;

// A restarting Prometheus or ingress is back within this time; longer silence is reported, not waited out.
const longestSilence = 30_000;

/** One answer: a finding that ends the gate, or what is still waited for, and when that can have changed at the earliest. */
export type Answer = { finding: Finding } | { waitingFor: string; evidence: string[]; againInMilliseconds?: number };

/**
 * Asks at a steady pace until there is a finding. At the deadline: `failed` with what was still waited for. Questions that give no answer are
 * repeated for 30 s, or until the deadline: then the error is thrown, which makes the gate `errored`.
 */
export async function askAgain(name: string, context: RunningGate, ask: () => Promise<Answer>): Promise<Finding> {
  const { startedAt, deadline, signal } = context;
  const progress = createProgress(context.say, `${context.service.name} ${name}`, startedAt, deadline);
  let silentSince: number | null = null;
  let pauseMilliseconds = firstPace;
  for (;;) {
    const askedAt = Date.now();
    let answer: Answer | null = null;
    try {
      answer = await ask();
      silentSince = null;
    } catch (error) {
      silentSince ??= askedAt;
      const silence = Date.now() - silentSince;
      if (!isSilence(error) || silence >= longestSilence || Date.now() + pace >= deadline || signal.aborted)
        throw error;
      progress(messageOf(error));
    }
    if (answer !== null && "finding" in answer) return answer.finding;
    const now = Date.now();
    if (answer !== null && (now >= deadline || signal.aborted)) {
      const summary = `not within ${formatDuration(now - startedAt)}: ${answer.waitingFor}`;
      return { verdict: "failed", summary, evidence: answer.evidence };
    }
    if (answer !== null) progress(answer.waitingFor);
    const wanted = (answer === null ? undefined : answer.againInMilliseconds) ?? pauseMilliseconds;
    const pause = Math.max(0, Math.min(askedAt + Math.min(wanted, pace), deadline) - now);
    pauseMilliseconds = Math.min(pace, pauseMilliseconds * 1.5);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

// No connection (Prometheus, PostgreSQL, HTTP). A refused query or login does not heal by asking again.
function isSilence(error: unknown): boolean {
  return error instanceof CutoverError && ["CUT-4301", "CUT-4203", "CUT-4501"].includes(error.details.code);
}
