import { beginAttempt } from "../../clients/ledger-run.ts";
import type { Json } from "../../model/service.ts";
import { preflightSpec } from "../../model/step-specs.ts";
import { parseSpec, type Outcome, type StepContext } from "../context.ts";
import { checksFor } from "./checks/groups.ts";
import { preflightContext } from "./context.ts";
import type { Check, PreflightContext } from "./contract.ts";
import { judge, stops, type Judgement } from "./judge.ts";
import { readPulumiSettings } from "./pulumi-settings.ts";
import { resultOfError, runChecks, type CheckRun } from "./run-checks.ts";
import { problemLines, summaryOf, tableRows } from "./table.ts";

/**
 * The step preflight (design.md 4): runs all checks at once, shows all results, and lets the run begin only when every one
 * passed, was skipped or was overridden. It opens the attempt in the ledger; outside the ledger it changes nothing.
 */
export async function run(step: StepContext): Promise<Outcome> {
  const spec = parseSpec(preflightSpec, step.request);
  const context = preflightContext(step, spec, await readPulumiSettings(step.root));
  const runs = await runChecks(checksFor(spec.checkGroups), context);
  const first = judge(runs, spec.overrides);
  const attempt = await openAttempt(step, context, first);
  const judgement = attempt === null ? first : judge([...runs, attempt], spec.overrides);
  for (const row of tableRows(judgement)) step.progress(row);
  const stopping = judgement.checks.filter(stops);
  return {
    verdict: judgement.verdict === "skipped" ? "passed" : judgement.verdict,
    summary: summaryOf(judgement),
    evidence: stopping.length > 0 ? problemLines(stopping) : overrideLines(judgement),
    facts: factsOf(judgement),
  };
}

/**
 * Records that this attempt began, also when it was refused: history shows it and the next `up` judges anew. But
 * a refused attempt must not end an unfinished run towards another target, whose backup is still of use. Null: all is well,
 * or there is already a reason to stop.
 */
async function openAttempt(
  step: StepContext,
  context: PreflightContext,
  judgement: Judgement,
): Promise<CheckRun | null> {
  const started = performance.now();
  const { request } = step;
  // Another cluster's ledger is not ours to write, and one that cannot be written is reported already.
  const needed = ["cluster-pinned", "ledger"];
  if (judgement.checks.some((one) => needed.includes(one.check.name) && one.result.verdict !== "passed")) return null;
  try {
    const store = await step.ledger();
    const open = (await context.ledger()).summary.openRun;
    if (judgement.verdict !== "passed" && open !== null && open.targetDigest !== request.target.digest) {
      const text = `preflight towards ${request.target.releaseSet} refused: ${summaryOf(judgement)}`;
      await store.append({ kind: "note", text });
      return null;
    }
    const targets = context.spec.services.map(({ name, releaseSet, digest }) => ({
      service: name,
      releaseSet,
      digest,
    }));
    const set = context.spec.guards.releaseSets[request.target.releaseSet];
    await beginAttempt(store, request, targets, set && { setHash: set.hash, judgedBy: set.judgedBy });
    const used = judgement.usedOverrides;
    if (used.length > 0) {
      await store.append(used.map((one) => ({ kind: "override", ...one, attempt: request.attempt })));
    }
    return null;
  } catch (error) {
    const result = resultOfError(error);
    const check: Check = { name: "attempt", code: "CUT-3104", overridable: false, run: () => Promise.resolve(result) };
    return { check, result, durationMilliseconds: Math.round(performance.now() - started) };
  }
}

function overrideLines(judgement: Judgement): string[] {
  return judgement.usedOverrides.map((one) => `override of ${one.check}: ${one.reason}`);
}

function factsOf(judgement: Judgement): { [key: string]: Json } {
  const verdicts = judgement.checks.map((one): [string, Json] => [
    one.check.name,
    one.overriddenBecause === null ? one.result.verdict : "overridden",
  ]);
  const slow = judgement.checks.filter((one) => one.durationMilliseconds >= 1000);
  return {
    checks: Object.fromEntries(verdicts),
    overrides: judgement.usedOverrides.map((one) => ({ check: one.check, reason: one.reason })),
    ...(slow.length === 0
      ? {}
      : { slowMilliseconds: Object.fromEntries(slow.map((one) => [one.check.name, one.durationMilliseconds])) }),
  };
}
