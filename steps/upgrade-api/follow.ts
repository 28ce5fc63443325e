import { setTimeout as sleep } from "node:timers/promises";
import { describeResult, type DeploymentApi } from "../../clients/deployment-api.ts";
import type { SingleResult } from "../../clients/single-request.ts";
import { messageOf } from "../../model/error.ts";
import {
  judgeUpgrade,
  parseUpgradeStatus,
  type UpgradeJudgement,
  type UpgradeStatus,
} from "../../model/upgrade-api.ts";
import type { StepContext } from "../context.ts";
import { formatDuration } from "../gates/progress.ts";
import type { CallFacts } from "./record.ts";
import type { CalledMigrationSpec } from "./situation.ts";

/** How a call ended, as far as can be told. `said`: what the call itself was answered, when it was. */
export type CallEnding =
  | { end: "done"; from: string; to: string; messages: string[] }
  | { end: "failed"; reason: string; messages: string[] }
  /** The API answered that it does not do this: nothing was begun. */
  | { end: "refused"; reason: string }
  /** No byte of it left. */
  | { end: "notSent"; reason: string }
  /** It goes on, and the time is over. */
  | { end: "unfinished"; messages: string[] }
  /** The status is still the one of before: nobody can tell whether the call arrived. */
  | { end: "noTrace"; evidence: string[] }
  /** The status cannot be read. */
  | { end: "unreadable"; evidence: string[] };

/** What is followed. */
export interface Followed {
  api: DeploymentApi;
  spec: CalledMigrationSpec;
  call: CallFacts;
  /** The answer to the call; null: an earlier process made it. Never rejects. */
  answer: Promise<SingleResult> | null;
  /** Milliseconds since the epoch. */
  deadline: number;
}

const firstPace = 250;
const longestPace = 2_000;
// After an answer that says "failed" its traces show at once; longer only where no answer came.
const afterFailure = 3_000;
const sayEvery = 10_000;

/** Follows a call by its own answer and by the status, whichever says its end first. Only asks: nothing is called here. */
export async function followCall(context: StepContext, followed: Followed): Promise<CallEnding> {
  const { answer, deadline } = followed;
  const look = observer(context, followed);
  let settled: SingleResult | null = null;
  const woken = new AbortController();
  void answer?.then((result) => {
    settled = result;
    woken.abort();
  });
  // Without an answer to wait for, a call that arrived must show within the time that the API was given to answer.
  let traceBy = answer === null ? Date.now() + arrivalMilliseconds(followed) : null;
  let pace = firstPace;
  for (;;) {
    const seen = await look(settled);
    if (context.signal.aborted) throw context.signal.reason;
    const reply = settled as SingleResult | null;
    const now = Date.now();
    if (reply !== null) traceBy ??= now + (isFailure(reply) ? afterFailure : arrivalMilliseconds(followed));
    const ending = endingOf(seen, reply, { noTrace: traceBy !== null && now >= traceBy, over: now >= deadline });
    if (ending !== null) return ending;
    const pause = Math.min(pace, Math.max(1, Math.min(traceBy ?? deadline, deadline) - now));
    pace = Math.min(longestPace, pace * 1.5);
    const signal = reply === null ? AbortSignal.any([context.signal, woken.signal]) : context.signal;
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

/** Null: it has to be looked again. `noTrace`: the time to show a trace is over; `over`: the whole time is. */
function endingOf(
  seen: Seen,
  reply: SingleResult | null,
  time: { noTrace: boolean; over: boolean },
): CallEnding | null {
  const { judged } = seen;
  switch (judged.state) {
    case "done":
      return { end: "done", from: judged.from, to: judged.to, messages: judged.messages };
    case "failed":
      return { end: "failed", reason: judged.reason, messages: judged.messages };
    case "running":
      return time.over ? { end: "unfinished", messages: judged.messages } : null;
    case "notOurs":
      if (reply?.outcome === "notSent") return { end: "notSent", reason: reply.problem };
      if (reply !== null && isRefusal(reply)) return { end: "refused", reason: `the call ${describeResult(reply)}` };
      return time.noTrace || time.over ? untraced(reply, seen) : null;
  }
}

interface Seen {
  judged: UpgradeJudgement;
  /** Why the status could not be read the last time; null: it could. */
  problem: string | null;
  status: string | null;
}

/** Asks for the status once each time; a status that cannot be read leaves the judgement as it was. */
function observer(context: StepContext, { api, spec, call, deadline }: Followed) {
  const { service, migrate } = spec;
  const wanted = { from: call.from, to: call.to };
  const began = Date.now();
  const seen: Seen = { judged: { state: "notOurs", messages: [] }, problem: null, status: null };
  let saidAt = began;
  let told = "";
  const judge = (status: UpgradeStatus) => {
    const judged = judgeUpgrade(call.before, status, wanted);
    // A trace that was seen once stays: a restarted pod may have forgotten it.
    if (judged.state !== "notOurs" || seen.judged.state === "notOurs") seen.judged = judged;
    seen.status = status.status;
  };
  return async (settled: SingleResult | null): Promise<Seen> => {
    try {
      judge(await api.status(migrate.statusPath, call.pod));
      seen.problem = null;
    } catch (error) {
      if (context.signal.aborted) throw context.signal.reason;
      seen.problem = messageOf(error);
    }
    const ended = seen.judged.state === "done" || seen.judged.state === "failed";
    if (!ended && settled?.outcome === "answered" && settled.status === 200) {
      const own = parseUpgradeStatus(settled.body);
      if (own !== null) judge(own);
    }
    const last = seen.judged.messages.at(-1) ?? "no message of this upgrade yet";
    const now = Date.now();
    if (last !== told || now - saidAt >= sayEvery) {
      told = last;
      saidAt = now;
      context.progress(
        `${service.name} upgrade: ${last}, ${formatDuration(now - began)} of ${formatDuration(deadline - began)}`,
      );
    }
    return seen;
  };
}

function untraced(reply: SingleResult | null, { problem, status }: Seen): CallEnding {
  if (reply !== null && isFailure(reply)) {
    return { end: "failed", reason: `the call ${describeResult(reply)}`, messages: [] };
  }
  const evidence = [
    reply === null
      ? "the process that made the call is gone, and its answer with it"
      : `the call ${describeResult(reply)}`,
    problem === null ? `status now: ${status ?? "none"}, without a message of this call` : `status: ${problem}`,
  ];
  return problem === null ? { end: "noTrace", evidence } : { end: "unreadable", evidence };
}

/** The request itself was not taken: another address (3xx), no right, no such path. */
function isRefusal(reply: SingleResult): boolean {
  if (reply.outcome !== "answered") return false;
  return (reply.status >= 300 && reply.status < 400) || [401, 403, 404, 405].includes(reply.status);
}

/** The API itself says no. 502, 503 and 504 come from what stands before it, which knows nothing of the upgrade. */
function isFailure(reply: SingleResult): boolean {
  return reply.outcome === "answered" && reply.status >= 400 && ![502, 503, 504].includes(reply.status);
}

function arrivalMilliseconds({ spec }: Followed): number {
  return spec.migrate.waitTimeoutSeconds * 1000;
}
