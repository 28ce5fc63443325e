import type { CallDecision } from "../../model/upgrade-call.ts";
import type { Outcome, StepContext } from "../context.ts";
import { apiOf } from "./call.ts";
import { concludeCall } from "./conclude.ts";
import { followCall } from "./follow.ts";
import type { Situation } from "./situation.ts";

/**
 * Follows a call whose end the ledger does not have: its process was killed, or its connection cut. `repeat`: it never arrived, and a
 * person has let it be made again.
 */
export async function followRecorded(
  context: StepContext,
  { spec }: Situation,
  decision: Extract<CallDecision, { do: "follow" }>,
): Promise<Outcome | "repeat"> {
  const { at, undone: _undone, phase, detail: _detail, ...call } = decision.call;
  const { timeoutSeconds, waitTimeoutSeconds } = spec.migrate;
  context.progress(
    `${call.id} was made at ${at} (${phase === "begun" ? "perhaps sent" : phase}): following its status`,
  );
  const api = await apiOf(context, spec);
  const deadline = Math.max(Date.parse(at) + timeoutSeconds * 1000, Date.now() + waitTimeoutSeconds * 1000);
  const ending = await followCall(context, { api, spec, call, answer: null, deadline });
  if (ending.end === "noTrace" && decision.mayRepeat) return "repeat";
  return concludeCall(context, { spec, call, calledAt: at, ending });
}
