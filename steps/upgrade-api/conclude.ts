import type { Outcome, StepContext } from "../context.ts";
import { apiFailed, apiRefused, noTrace, notEnded, notSent, unreadable } from "./errors.ts";
import type { CallEnding } from "./follow.ts";
import { recordPhase, type CallFacts } from "./record.ts";
import type { CalledMigrationSpec } from "./situation.ts";

const mostMessages = 30;

/** A call and how it ended. */
export interface Ended {
  spec: CalledMigrationSpec;
  call: CallFacts;
  /** ISO 8601, UTC. */
  calledAt: string;
  ending: CallEnding;
}

/** Records the end and turns it into the step's outcome. Throws CUT-5705 to CUT-5710 for every end but `done`. */
export async function concludeCall(context: StepContext, { spec, call, calledAt, ending }: Ended): Promise<Outcome> {
  const about = { stack: context.request.stack, spec, call, calledAt };
  switch (ending.end) {
    case "done": {
      await recordPhase(context, call, "done", `from ${ending.from} to ${ending.to}`);
      const { messages, from, to } = ending;
      return {
        verdict: "passed",
        summary: `${spec.service.name}: migrated from ${from} to ${to} by one call of the upgrade API`,
        evidence: messages.slice(-mostMessages),
        facts: {
          schemaBefore: from,
          schemaAfter: to,
          calledAt,
          callId: call.id,
          called: true,
          pod: call.pod,
          apiMessages: messages.length,
        },
      };
    }
    case "failed":
      await recordPhase(context, call, "failed", ending.reason);
      throw apiFailed(about, ending.reason, ending.messages.slice(-mostMessages));
    case "refused":
      await recordPhase(context, call, "refused", ending.reason);
      throw apiRefused(about, ending.reason);
    case "notSent":
      await recordPhase(context, call, "notSent", ending.reason);
      throw notSent(about.stack, spec, ending.reason);
    case "unfinished":
      throw notEnded(about, ending.messages.slice(-mostMessages));
    case "noTrace":
      throw noTrace(about, ending.evidence);
    case "unreadable":
      throw unreadable(about, ending.evidence);
  }
}
