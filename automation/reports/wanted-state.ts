import type { Page } from "../../model/ledger.ts";
import { describeError } from "../../model/error.ts";
import type { FindMissing } from "../../model/rollback.ts";
import type { ResolvedService } from "../../model/service.ts";
import type { WantedState } from "../../model/service-status.ts";
import { missingServices } from "../missing-services.ts";
import { openReleaseSets } from "../../stacks/release-sets.ts";
import { planStack } from "../../stacks/stack-plan.ts";
import type { VerbContext } from "../verb.ts";

/** What the stack file asks for beside a ledger; `problem` says why it cannot be told. */
export interface Wanted {
  state: WantedState | null;
  services: ResolvedService[];
  /** Release sets, oldest first; empty when the list cannot be read. */
  releaseOrder: readonly string[];
  problem: string | null;
  /** Which services a release set does not have. */
  without?: FindMissing;
  /** N-2 applies to this platform. */
  limitedSkew: boolean;
}

/** Resolves the stack file; a broken release set must not keep a person from seeing what the ledger knows. */
export async function readWanted(context: VerbContext, stack: string, pages: Page[]): Promise<Wanted> {
  const { platform } = context.settings(stack);
  let releaseOrder: readonly string[] = [];
  try {
    releaseOrder = openReleaseSets(context.root, platform).order;
    const plan = await planStack(context.root, stack, () => Promise.resolve(pages));
    const services = plan.services.map(({ service }) => service);
    const state = { release: plan.settings.release, targetDigest: plan.run.target.digest, services };
    const limitedSkew = plan.preflight.checkGroups.includes("skew");
    const without = await missingServices(context.root, plan.settings);
    return { state, services, releaseOrder, problem: null, limitedSkew, without };
  } catch (error) {
    return {
      state: null,
      services: [],
      releaseOrder,
      problem: describeError(error).slice(0, 3).join("; "),
      limitedSkew: true,
    };
  }
}
