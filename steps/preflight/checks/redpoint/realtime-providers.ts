import { realtimeProviderProblems } from "../../../../model/redpoint/providers.ts";
import { isEnabled } from "../../../../model/redpoint/chart-values.ts";
import type { Check } from "../../contract.ts";
import { failed, passed, skipped } from "../../outcome.ts";
import { problemsOfEach, redpointReleases } from "./releases.ts";

/** Cache and queue of the realtime API exist in the chart of v7: v6 knew others (facts/domain.md A5, F6). */
export const realtimeProviders: Check = {
  name: "redpoint-realtime-providers",
  code: "CUT-3203",
  overridable: true,
  run(context) {
    const releases = redpointReleases(context).filter(({ values }) => isEnabled(values, "realtimeapi"));
    if (releases.length === 0) return Promise.resolve(skipped("no release brings the realtime API"));
    const problems = problemsOfEach(releases, ({ values }) => realtimeProviderProblems(values));
    if (problems.length === 0) return Promise.resolve(passed("the chart has these caches and queues"));
    const next =
      "choose one that the chart has and move v6 to it before the upgrade, or ask Redpoint (Client Services, Service Desk)";
    return Promise.resolve(failed("a realtime cache or queue is not supported by v7", problems, next));
  },
};
