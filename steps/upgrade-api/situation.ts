import type { z } from "zod";
import { parseAttempt } from "../../clients/ledger-run.ts";
import { CutoverError } from "../../model/error.ts";
import { summarize } from "../../model/ledger-summary.ts";
import type { Page } from "../../model/ledger.ts";
import { operationOfRun } from "../../model/run-operation.ts";
import { calledMigrationSpec } from "../../model/step-specs.ts";
import { callsOf, decideCall, type CallDecision } from "../../model/upgrade-call.ts";
import { parseSpec, type StepContext } from "../context.ts";

export type CalledMigrationSpec = z.infer<typeof calledMigrationSpec>;

/** What the ledger says, read now. */
export interface Situation {
  spec: CalledMigrationSpec;
  run: number;
  decision: CallDecision;
}

/** Reads the ledger anew: between two attempts a person may have acknowledged, or somebody else have called. */
export async function readSituation(context: StepContext): Promise<Situation> {
  return situationOf(context, await (await context.ledger()).pages());
}

/** The same from pages at hand. Throws CUT-5701 when the request has no run. */
export function situationOf(context: Pick<StepContext, "request">, pages: readonly Page[]): Situation {
  const spec = parseSpec(calledMigrationSpec, context.request);
  const attempt = parseAttempt(context.request.attempt);
  if (attempt === null) throw noRun(context.request.stack);
  const { run } = attempt;
  const decision = decideCall({
    service: spec.service.name,
    run,
    calls: callsOf(pages, spec.service.name),
    versions: spec.schemaVersion,
    rollback: operationOfRun(pages, run) === "rollback",
    acknowledged: new Set([...spec.acknowledged, ...summarize(pages).acknowledged]),
  });
  return { spec, run, decision };
}

function noRun(stack: string): CutoverError {
  return new CutoverError({
    code: "CUT-5701",
    verdict: "errored",
    happened: "the upgrade API is not called outside a run: nothing would remember the call",
    untouched: "Nothing was called.",
    next: `Make the cluster reachable, then: cutover upgrade ${stack}`,
  });
}
