import { realtimeProblems } from "../../../../model/redpoint/realtime.ts";
import type { Check } from "../../contract.ts";
import { failed, passed } from "../../outcome.ts";
import { redpointReleases } from "./releases.ts";

/** One realtime release per tenant, each in a namespace of its own. */
export const realtimeTenants: Check = {
  name: "redpoint-realtime-tenants",
  code: "CUT-3204",
  overridable: true,
  run(context) {
    const releases = redpointReleases(context).map(({ service, values }) => ({ ...service, values }));
    const problems = realtimeProblems(releases);
    if (problems.length === 0) return Promise.resolve(passed("the realtime API serves one tenant per release"));
    const next =
      "correct realtimeapi.enabled in the values, and cutover:tenants or cutover:namespaces in the stack file";
    return Promise.resolve(failed("the realtime API is single-tenant", problems, next));
  },
};
