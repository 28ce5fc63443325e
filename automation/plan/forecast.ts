import { summarize } from "../../model/ledger-summary.ts";
import { headOf, type Page } from "../../model/ledger.ts";
import type { PlanDocument } from "../../model/plan-document.ts";
import { makePlan, type Plan } from "../../model/plan.ts";
import type { ResolvedService } from "../../model/service.ts";
import type { StackSettings } from "../../model/stack-settings.ts";
import { toolVersion } from "../../model/tool-version.ts";
import { planStack, type StackPlan } from "../../stacks/stack-plan.ts";
import type { VerbContext } from "../verb.ts";

/** What the next run would be, by stack file, release sets and ledger alone. */
export interface Forecast {
  stackPlan: StackPlan;
  plan: Plan;
  pages: Page[];
  /** Services that would change, in upgrade order. */
  pending: ResolvedService[];
  document: PlanDocument;
}

/**
 * Reads and resolves; writes nothing. `release`: as if `cutover upgrade --release` had written it into the stack file; absent:
 * the file as it is.
 */
export async function forecast(context: VerbContext, stack: string, release?: string): Promise<Forecast> {
  const pages = await (await context.ledger(stack)).pages();
  const stackPlan = await planStack(
    context.root,
    stack,
    () => Promise.resolve(pages),
    (settings) => (release === undefined ? settings : aimedAt(settings, release)),
  );
  const services = stackPlan.services.map(({ service }) => service);
  const summary = summarize(pages);
  const plan = makePlan({
    releaseSet: stackPlan.settings.release,
    targetDigest: stackPlan.run.target.digest,
    services,
    platformSteps: stackPlan.platformSteps.map(({ kind }) => kind),
    limitedSkew: stackPlan.preflight.checkGroups.includes("skew"),
    releaseOrder: stackPlan.preflight.releaseOrder,
    summary,
    pages,
  });
  const pending = services.filter((service) => summary.verified.get(service.name)?.digest !== service.digest);
  return { stackPlan, plan, pages, pending, document: documentOf(stack, stackPlan, plan, pending, pages) };
}

/** The plan document as it would be written now, for comparing with one that was made before. */
export async function planNow(context: VerbContext, stack: string, release?: string): Promise<PlanDocument> {
  return (await forecast(context, stack, release)).document;
}

/** What `cutover upgrade --release` makes of the settings: pins that a rollback left behind go, `absent` stays. */
function aimedAt(settings: StackSettings, release: string): StackSettings {
  if (release === settings.release) return settings;
  const pins = Object.fromEntries(Object.entries(settings.pins).filter(([, set]) => set === "absent"));
  return { ...settings, release, pins };
}

function documentOf(
  stack: string,
  stackPlan: StackPlan,
  plan: Plan,
  pending: readonly ResolvedService[],
  pages: readonly Page[],
): PlanDocument {
  const gates = pending.flatMap((service) => service.gates.map((gate) => ({ service: service.name, gate })));
  return {
    formatVersion: 1,
    stack,
    releaseSet: plan.releaseSet,
    setHash: stackPlan.releaseSetHash,
    targetDigest: stackPlan.run.target.digest,
    services: stackPlan.services.map(({ service: { name, releaseSet, digest } }) => ({ name, releaseSet, digest })),
    steps: plan.steps.map(({ service, step, runs, expectedMilliseconds }) => ({
      ...{ service, step, runs, expectedMilliseconds },
    })),
    gates,
    ledgerHead: headOf(pages),
    toolVersion,
    createdAt: new Date().toISOString(),
  };
}
