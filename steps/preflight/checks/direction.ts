import { directionOf } from "../../../model/direction.ts";
import { compareVersions } from "../../../model/version.ts";
import type { Check, PreflightContext } from "../contract.ts";
import { count, failed, passed } from "../outcome.ts";
import type { ServiceState } from "../service-state.ts";

/** No service moves backwards by `up`: that is a rollback, with its own order and its own questions. */
export const direction: Check = {
  name: "direction",
  code: "CUT-3115",
  overridable: false,
  async run(context) {
    const { operation } = (await context.ledger()).summary;
    const wanted = operation?.operation === "rollback" ? operation.targets : [];
    // What the open rollback of the ledger moves may go backwards, and only to where it moves it.
    const goesBack = ({ service }: ServiceState): boolean =>
      wanted.some((target) => target.service === service.name && target.releaseSet === service.releaseSet);
    const states = (await context.states()).filter((state) => !goesBack(state));
    const evidence = states.flatMap((state) => downgradeOf(state, context.spec.releaseOrder));
    if (evidence.length === 0) return passed(`${count(states.length, "service")}, none moves backwards`);
    return failed(`this would take the stack back to an older release`, evidence, nextOf(context, states));
  },
};

function downgradeOf(state: ServiceState, releaseOrder: readonly string[]): string[] {
  const { service, newest, running, pending } = state;
  if (!pending) return [];
  if (running !== null && directionOf(running.newest, service.releaseSet, releaseOrder) === "downgrade") {
    return [`${service.name}: runs ${running.newest}, wanted is the older ${service.releaseSet}`];
  }
  if (!releaseOrder.includes(service.releaseSet)) {
    return [`${service.name}: ${service.releaseSet} is not in the platform's releases/index.yaml`];
  }
  // Catches what the ledger does not know: releases that were made by hand or by another tool.
  if (newest === null || compareVersions(newest.chartVersion, service.chart.version) <= 0) return [];
  return [`${service.name}: chart ${newest.chartVersion} runs, wanted is the older ${service.chart.version}`];
}

function nextOf({ request, spec }: PreflightContext, states: readonly ServiceState[]): string {
  const running = states.flatMap((state) => state.running?.newest ?? []);
  const current = spec.releaseOrder.findLast((release) => running.includes(release)) ?? "the release set that runs";
  return `set cutover:release back to ${current} in stacks/Pulumi.${request.stack}.yaml (and remove pins to older ones); to go back, type: cutover rollback ${request.stack}`;
}
