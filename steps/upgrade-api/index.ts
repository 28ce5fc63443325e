import type { RecordedCall } from "../../model/upgrade-call.ts";
import type { Outcome, StepContext } from "../context.ts";
import { callOnce } from "./call.ts";
import { failedBefore } from "./errors.ts";
import { followRecorded } from "./follow-recorded.ts";
import { readSituation, type Situation } from "./situation.ts";

/** What needs no call: a rollback, a release set that leaves the schema alone, or a migration that the ledger has as done. */
export async function quick(context: StepContext): Promise<Outcome | null> {
  return withoutCall(await readSituation(context));
}

/**
 * Migrates by one call of the product's upgrade API. The call is recorded before its first byte is sent and is never made again
 * blindly: a resumed step follows the status of the call that the ledger has.
 */
export async function run(context: StepContext): Promise<Outcome> {
  const situation = await readSituation(context);
  const kept = withoutCall(situation);
  if (kept !== null) return kept;
  const { decision, spec } = situation;
  if (decision.do === "ask") throw failedBefore(context.request.stack, spec, decision.call);
  if (decision.do === "follow") {
    const outcome = await followRecorded(context, situation, decision);
    if (outcome !== "repeat") return outcome;
  }
  return callOnce(context, situation);
}

function withoutCall({ decision, spec }: Situation): Outcome | null {
  const { service, schemaVersion } = spec;
  if (decision.do === "nothing") {
    return {
      verdict: "passed",
      summary: `${service.name}: the upgrade API was not called: ${decision.why}`,
      facts: { schemaAfter: schemaVersion.to, called: false },
    };
  }
  return decision.do === "reuse" ? reusedOutcome(service.name, decision.call) : null;
}

function reusedOutcome(service: string, call: RecordedCall): Outcome {
  return {
    verdict: "passed",
    summary: `${service}: migrated from ${call.from} to ${call.to} already, by ${call.id}`,
    evidence: [`called at ${call.at}; not called again`],
    facts: { schemaBefore: call.from, schemaAfter: call.to, calledAt: call.at, callId: call.id, called: false },
    reused: true,
  };
}
