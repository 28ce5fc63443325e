import { canonicalJson } from "../../../model/ledger.ts";
import type { Check, LedgerView, PreflightContext } from "../contract.ts";
import { count, failed, passed, skipped } from "../outcome.ts";
import { identify, type ServiceState } from "../service-state.ts";

/** What Helm runs is what the ledger last saw: nobody upgraded, rolled back or uninstalled by hand. */
export const drift: Check = {
  name: "drift",
  code: "CUT-3119",
  overridable: true,
  async run(context) {
    const view = await context.ledger();
    const { operation } = (await context.ledger()).summary;
    const moved = new Set(operation?.targets.map((target) => target.service));
    // What an operation of the driver moves is on its way from one state to another.
    const known = (await context.states()).filter(
      (state) => state.lastVerified !== null && !moved.has(state.service.name),
    );
    const found = known.flatMap((state) => driftOf(state, view, context));
    if (known.length === 0) return skipped("the ledger knows no verified service yet");
    if (found.length === 0) return passed(`${count(known.length, "service")} as the ledger knows them`);
    return failed(
      "the cluster is not as cutover left it",
      found,
      "find out who changed it; put it back (pulumi refresh shows it, helm history <release> names the revision), or override drift with the reason",
    );
  },
};

function driftOf(state: ServiceState, view: LedgerView, context: PreflightContext): string[] {
  const { service, newest, lastVerified } = state;
  if (newest === null)
    return [`${service.name}: verified at ${lastVerified?.releaseSet ?? "?"}, but Helm knows no such release any more`];
  // An operation that is not finished is the check no-pending's to report.
  if (newest.status.startsWith("pending-")) return [];
  const described = identify(newest, view.summary.adopted.get(service.name));
  if (described === null) {
    // When an upgrade fails, Helm puts its error there: no drift while the service waits to be verified again.
    if (newest.status !== "deployed" && state.touched) return [];
    return [
      `${service.name}: revision ${newest.revision} (chart ${newest.chartVersion}, ${newest.status}) says "${newest.description}", which is not cutover's`,
    ];
  }
  if (!view.knownDigests(service.name).has(described.digest)) {
    return [
      `${service.name}: revision ${newest.revision} has digest ${described.digest.slice(0, 12)}, which the ledger does not know`,
    ];
  }
  const target = context.spec.waysBack.find((way) => way.service === service.name)?.target;
  // Values can be compared only while the way back is exactly what runs.
  if (target?.digest !== described.digest) return [];
  return [
    ...(newest.chartVersion === target.chart.version
      ? []
      : [`${service.name}: chart ${newest.chartVersion} runs, ${target.chart.version} was verified`]),
    ...(canonicalJson(newest.values) === canonicalJson(context.values(target))
      ? []
      : [`${service.name}: the values of revision ${newest.revision} are not those that were verified`]),
  ];
}
