import { summarize } from "../../model/ledger-summary.ts";
import { callsOf, type CallEntry, type CallPhase } from "../../model/upgrade-call.ts";
import type { StepContext } from "../context.ts";
import { redactText } from "../redaction.ts";
import { otherCall } from "./errors.ts";
import { situationOf } from "./situation.ts";

/** The call's facts, the same in all of its entries. */
export type CallFacts = Omit<CallEntry, "kind" | "phase" | "detail">;

/**
 * Records that the call begins, before its first byte. Decides from the pages as they are in the moment of writing, so that of two
 * that want to call at once only one may. Returns when it began. Throws CUT-5702 when somebody else was faster.
 */
export async function recordBegin(context: StepContext, facts: CallFacts): Promise<string> {
  const ledger = await context.ledger();
  const pages = await ledger.update((now) => {
    const earlier = callsOf(now, facts.service);
    const { decision } = situationOf(context, now);
    const last = earlier.at(-1);
    const mayCall =
      (decision.do === "call" && decision.id === facts.id) || (decision.do === "follow" && decision.mayRepeat);
    if (!mayCall || earlier.some((call) => call.id === facts.id)) throw otherCall(context.request.stack, last ?? null);
    const open = summarize(now).openRun !== null;
    return { bodies: [{ kind: "upgradeCall", ...facts, phase: "begun" }], page: open ? "current" : "new", open };
  });
  return callsOf(pages, facts.service).find((call) => call.id === facts.id)?.at ?? new Date().toISOString();
}

/** Records how far the call is known to have come. */
export async function recordPhase(
  context: StepContext,
  facts: CallFacts,
  phase: CallPhase,
  detail?: string,
): Promise<void> {
  const more = detail === undefined ? {} : { detail: redactText(detail).slice(0, 300) };
  await (await context.ledger()).append({ kind: "upgradeCall", ...facts, phase, ...more });
}
