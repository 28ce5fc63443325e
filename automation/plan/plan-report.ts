import { createHelm } from "../../clients/helm.ts";
import type { Plan } from "../../model/plan.ts";
import { migrateTimeout, worstCaseMilliseconds } from "../../model/worst-case.ts";
import type { VerbContext } from "../verb.ts";
import type { Forecast } from "./forecast.ts";
import { preflightResults, type PreflightResults } from "./preflight-results.ts";
import { pulumiPreview, type PulumiPreview } from "./pulumi-preview.ts";
import { asReleasedByHelm, takeSecretValues } from "../secret-values.ts";
import { releaseDiffs, type ReleaseDiff } from "./release-diffs.ts";
import { windowState, type WindowState } from "./window-state.ts";

/** What a plan shows besides its document; durations in milliseconds. */
export interface PlanReport {
  nothingToDo: boolean;
  directions: Plan["directions"];
  /** Release sets that must be run and verified first (N-2). */
  stops: string[];
  expectedMilliseconds: number | null;
  /** Time-outs of Helm and gates, and the same for the way back. */
  worstCaseMilliseconds: number;
  /** Null when the stack has no windows. */
  window: WindowState | null;
  /** Null when nothing would run. */
  preflight: PreflightResults | null;
  releases: ReleaseDiff[];
  preview: PulumiPreview;
  rollbackUndoes: string[];
  rollbackLeaves: string[];
}

/** Asks cluster, third parties, Helm and Pulumi about a forecast. Everything only reads. */
export async function planReport(context: VerbContext, stack: string, found: Forecast): Promise<PlanReport> {
  const { stackPlan, plan, pending } = found;
  const file = context.settings(stack).release;
  const helm = createHelm(await context.kubernetes(stack), { cacheFolder: `${context.root}/.cutover/rendered` });
  const worstCase = worstCaseMilliseconds(
    pending.map((service) => ({ ...service, migrateTimeoutSeconds: migrateTimeout(service) })),
  );
  const asFile = stackPlan.settings.release === file;
  await takeSecretValues(context.root, stack, stackPlan.preflight);
  const released = asReleasedByHelm(stackPlan.preflight, pending);
  const [preflight, releases, preview] = await Promise.all([
    plan.nothingToDo ? null : preflightResults(context, stack, stackPlan),
    releaseDiffs(helm, context.root, released.services, released.secret),
    asFile ? pulumiPreview(context.root, stack) : notAsked(file, plan.releaseSet),
  ]);
  return {
    nothingToDo: plan.nothingToDo,
    directions: plan.directions,
    stops: plan.stops,
    expectedMilliseconds: plan.expectedMilliseconds,
    worstCaseMilliseconds: worstCase,
    window: windowState(stackPlan.settings.window ?? null, Date.now(), worstCase),
    ...{ preflight, releases, preview },
    rollbackUndoes: undoneByRollback(found),
    rollbackLeaves: plan.rollbackLeaves,
  };
}

function notAsked(file: string, wanted: string): PulumiPreview {
  const why = `pulumi previews the stack file, which says ${file}, not ${wanted}`;
  return { counts: null, why, failed: false, evidence: [] };
}

function undoneByRollback({ plan, pending }: Forecast): string[] {
  return plan.directions.flatMap(({ service, from }) => {
    if (!pending.some((one) => one.name === service)) return [];
    if (from === null) return [`${service}: not verified before, so there is nothing to go back to`];
    return [`${service}: chart, image and values go back to ${from}, and its gates run again`];
  });
}
