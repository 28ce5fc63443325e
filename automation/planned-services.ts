import type { StackContext } from "../components/context.ts";
import { CutoverError } from "../model/error.ts";
import type { ResolvedService } from "../model/service.ts";
import { didYouMean } from "../model/suggestion.ts";
import { outsideOf } from "../stacks/outside.ts";
import { openReleaseSets } from "../stacks/release-sets.ts";
import { planStack } from "../stacks/stack-plan.ts";
import type { VerbContext } from "./verb.ts";

/** A service as the stack's file and the ledger have it. `releaseSet`: the one that it was or will be verified under. */
export interface ServiceNow {
  service: ResolvedService;
  releaseSet: string;
  /** What the platform has outside Kubernetes. */
  outside: StackContext["outside"];
}

/** The services of a stack in upgrade order, resolved from its file and its ledger. Throws the errors of both. */
export async function servicesNow(context: VerbContext, stack: string): Promise<ServiceNow[]> {
  const ledger = await context.ledger(stack);
  const plan = await planStack(context.root, stack, () => ledger.pages());
  return plan.services.map(({ service, trigger }) => ({
    service,
    releaseSet: trigger.releaseSet,
    outside: plan.outside,
  }));
}

/** What the stack's platform has outside Kubernetes. */
export async function outsideNow(context: VerbContext, stack: string): Promise<StackContext["outside"]> {
  const settings = context.settings(stack);
  return outsideOf(settings, openReleaseSets(context.root, settings.platform));
}

/** All of them, or the one that is named. Throws CUT-6313 (exit code 2) for a name that is not among them. */
export function chooseServices(services: readonly ServiceNow[], named: string | undefined): ServiceNow[] {
  if (named === undefined) return [...services];
  const found = services.find(({ service }) => service.name === named);
  if (found !== undefined) return [found];
  const names = services.map(({ service }) => service.name);
  throw new CutoverError({
    code: "CUT-6313",
    verdict: "failed",
    happened: `the stack has no service ${named}${didYouMean(named, names)}`,
    evidence: [`services: ${names.join(", ")}`],
    untouched: "Nothing was touched.",
    next: "Name one of these by --service.",
    exitCode: 2,
  });
}
