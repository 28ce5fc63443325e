import type { Check, LedgerView, PreflightContext } from "../contract.ts";
import { failed, passed, skipped } from "../outcome.ts";
import { identify, type ServiceState } from "../service-state.ts";

/** What a rollback would deploy is there, before anything is upgraded: chart, values, and Helm's own record of them. */
export const wayBack: Check = {
  name: "way-back",
  code: "CUT-3118",
  overridable: true,
  async run(context) {
    const { summary } = await context.ledger();
    if (summary.operation?.operation === "rollback") return skipped("this is the way back");
    if (summary.operation?.operation === "adopt") return skipped("an adoption changes no Helm release");
    const changing = (await context.states()).filter((state) => state.pending && state.newest !== null);
    const problems = changing.flatMap((state) => problemOf(state, context.spec.waysBack, summary));
    if (changing.length === 0) return skipped("nothing installed is changed: there is nothing to go back to");
    if (problems.length === 0) return passed(`${changing.length} of ${changing.length} services can go back`);
    return failed(
      "the way back is missing",
      problems,
      "bring back the release set (git) or Helm's revision; a service that cutover never verified: verify by hand, keep its chart and values, then override way-back",
    );
  },
};

function problemOf(
  state: ServiceState,
  waysBack: PreflightContext["spec"]["waysBack"],
  { adopted }: LedgerView["summary"],
): string[] {
  const { service, verifiedBefore, history, touched } = state;
  if (verifiedBefore === null) {
    // The first install, interrupted: going back means uninstalling.
    if (touched) return [];
    return [`${service.name}: installed, but cutover never verified it, so it has nothing to go back to`];
  }
  const way = waysBack.find((one) => one.service === service.name);
  if (way === undefined || way.target === null) {
    return [
      `${service.name}: ${verifiedBefore.releaseSet} cannot be resolved: ${way?.problem ?? "the program named none"}`,
    ];
  }
  const { target } = way;
  // The present value layers may differ from those that were verified: then Helm's record holds the verified values.
  if (target.digest === verifiedBefore.digest) return chartKept(state, target.chart.version);
  if (history.some((revision) => identify(revision, adopted.get(service.name))?.digest === verifiedBefore.digest))
    return [];
  return [
    `${service.name}: values or gates of ${verifiedBefore.releaseSet} changed since they were verified, and Helm no longer has the verified ones (sha256:${verifiedBefore.digest.slice(0, 12)})`,
  ];
}

function chartKept({ service, history }: ServiceState, version: string): string[] {
  const kept = history.some(
    (revision) => ["deployed", "superseded"].includes(revision.status) && revision.chartVersion === version,
  );
  if (kept) return [];
  const revisions = history
    .map((revision) => `${revision.revision} ${revision.chartVersion} ${revision.status}`)
    .join("; ");
  return [
    `${service.name}: Helm has no good revision of chart ${version} any more (it has ${revisions}); was its history cut (maxHistory)?`,
  ];
}
