import type { StepRequest } from "../../model/step.ts";
import type { StackPlan } from "../../stacks/stack-plan.ts";
import { openConnections } from "../../steps/connections.ts";
import { checksFor } from "../../steps/preflight/checks/groups.ts";
import { preflightContext } from "../../steps/preflight/context.ts";
import { judge, stops, type Judgement } from "../../steps/preflight/judge.ts";
import { readPulumiSettings } from "../../steps/preflight/pulumi-settings.ts";
import { runChecks } from "../../steps/preflight/run-checks.ts";
import { codeOf, summaryOf, tableRows } from "../../steps/preflight/table.ts";
import { keepSecret, redactText } from "../../steps/redaction.ts";
import { takeSecretValues } from "../secret-values.ts";
import { stackSettingsSecret } from "../stack-secret.ts";
import type { VerbContext } from "../verb.ts";

/** One check's answer, for the document. */
export interface CheckAnswer {
  check: string;
  verdict: string;
  summary: string;
  code: string | null;
  evidence: string[];
  next: string | null;
}

/** What preflight would say now. */
export interface PreflightResults {
  verdict: Judgement["verdict"];
  summary: string;
  /** The table that a run shows. */
  rows: string[];
  checks: CheckAnswer[];
  /** Names of the checks that would stop the run. */
  stoppedBy: string[];
}

/** Runs all preflight checks of a plan. They only read; unlike the step, this opens no attempt in the ledger. */
export async function preflightResults(
  context: VerbContext,
  stack: string,
  { settings, run, preflight }: StackPlan,
): Promise<PreflightResults> {
  const password = await stackSettingsSecret(context.root, stack, "databasePassword");
  if (password !== "") process.env["CUTOVER_DATABASE_PASSWORD"] = password;
  keepSecret(process.env["CUTOVER_DATABASE_PASSWORD"] ?? "");
  await takeSecretValues(context.root, stack, preflight);
  const { platform, environment, cluster } = settings;
  const { attempt, target } = run;
  const request: StepRequest = {
    ...{ stack, platform, environment, step: "preflight", service: null, attempt, target, cluster, spec: preflight },
  };
  const connections = openConnections({
    root: context.root,
    request,
    pulumiBackend: process.env["PULUMI_BACKEND_URL"] ?? null,
    signal: context.signal,
    progress: () => undefined,
  });
  try {
    const pulumi = await readPulumiSettings(context.root);
    const runs = await runChecks(
      checksFor(preflight.checkGroups),
      preflightContext(connections.context, preflight, pulumi),
    );
    return resultsOf(judge(runs, preflight.overrides));
  } finally {
    await connections.close();
  }
}

function resultsOf(judgement: Judgement): PreflightResults {
  return {
    verdict: judgement.verdict === "skipped" ? "passed" : judgement.verdict,
    summary: redactText(summaryOf(judgement)),
    rows: tableRows(judgement).map(redactText),
    checks: judgement.checks.map((one) => ({
      check: one.check.name,
      verdict: one.overriddenBecause === null ? one.result.verdict : "overridden",
      summary: redactText(one.result.summary),
      code: stops(one) ? codeOf(one) : null,
      evidence: one.result.evidence.map(redactText),
      next: one.result.next === undefined ? null : redactText(one.result.next),
    })),
    stoppedBy: judgement.checks.filter(stops).map((one) => one.check.name),
  };
}
