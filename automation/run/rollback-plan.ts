import { CutoverError } from "../../model/error.ts";
import type { Page } from "../../model/ledger.ts";
import { summarize } from "../../model/ledger-summary.ts";
import type { OpenOperation } from "../../model/operation.ts";
import { runsOf } from "../../model/past-runs.ts";
import { planRollback, type RollbackPlan, type RollbackRequest } from "../../model/rollback.ts";
import type { ResolvedService } from "../../model/service.ts";
import type { StackContext } from "../../components/context.ts";
import { missingServices } from "../missing-services.ts";
import { openReleaseSets } from "../../stacks/release-sets.ts";
import { planStack } from "../../stacks/stack-plan.ts";
import type { Driver } from "./driver.ts";

/** What a rollback starts from. */
export interface Standing {
  /** In upgrade order. */
  services: ResolvedService[];
  outside: StackContext["outside"];
}

/** The services that stand, also where a rollback that is continued has taken some of them out of the stack file. */
export async function standingServices({ context, stack }: Driver, pages: readonly Page[]): Promise<Standing> {
  const { operation } = summarize(pages);
  const answered = operation?.operation === "rollback" ? operation.answersRun : null;
  const run = runsOf(pages).find(({ number }) => number === answered);
  const begun = new Set(operation?.targets.map(({ service }) => service));
  const plan = await planStack(
    context.root,
    stack,
    () => Promise.resolve(pages),
    (settings) => {
      if (run === undefined) return settings;
      const pins = Object.entries(settings.pins).filter(([service, set]) => set === "absent" && !begun.has(service));
      return { ...settings, release: run.releaseSet, pins: Object.fromEntries(pins) };
    },
  );
  return { services: plan.services.map(({ service }) => service), outside: plan.outside };
}

/** Plans the rollback; one that was begun is planned again as it was then. Throws CUT-6401 when there is none. */
export async function planOf(
  driver: Driver,
  services: readonly ResolvedService[],
  input: RollbackRequest,
  pages: readonly Page[],
  resumed: OpenOperation | null,
): Promise<RollbackPlan> {
  const order = services.map(({ name }) => name);
  const called = new Set(services.filter(isCalled).map(({ name }) => name));
  // A continued rollback plans as it did when it began: from the pages before it.
  const operationPage = pages.find((page) =>
    page.entries.some((entry) => entry.kind === "operation" && entry.id === resumed?.id),
  );
  const seen = operationPage === undefined ? pages : pages.filter((page) => page.number < operationPage.number);
  const without = await missingServices(driver.context.root, driver.settings);
  const asked = resumed === null ? input : { ...input, service: undefined, toRun: undefined };
  const request = { ...asked, without, called, history: pages };
  const plan = planRollback(seen, order, request);
  if ("reason" in plan) {
    throw new CutoverError({
      code: "CUT-6401",
      verdict: "failed",
      happened: `there is no rollback for ${driver.stack}: ${plan.detail}`,
      untouched: "Nothing was changed.",
      next:
        plan.reason === "isRollback"
          ? `cutover history ${driver.stack}; to go to a certain state: cutover rollback ${driver.stack} --to RUN`
          : `cutover status ${driver.stack}`,
    });
  }
  if (resumed === null) return plan;
  const wanted = new Map(resumed.targets.map((target) => [target.service, target.releaseSet]));
  const targets = plan.targets.filter((target) => wanted.get(target.service) === target.to);
  return { ...plan, targets: targets.length > 0 ? targets : plan.targets };
}

const isCalled = ({ migrate }: ResolvedService): boolean =>
  migrate !== undefined && migrate !== null && "kind" in migrate;

/** The newest release set before the given one that runs on nodes; the given one where there is none. */
export async function releaseOfNodes({ context, settings }: Driver, releaseSet: string): Promise<string> {
  const sets = openReleaseSets(context.root, settings.platform);
  const before = sets.order.slice(0, sets.order.indexOf(releaseSet));
  return before.findLast((name) => sets.load(name).set.nodes !== undefined) ?? releaseSet;
}
