import type { Check } from "../contract.ts";
import { count, failed, passed, skipped } from "../outcome.ts";

/** No Helm release is left `pending-*` or half uninstalled: Helm refuses every further operation on it. */
export const noPending: Check = {
  name: "no-pending",
  code: "CUT-3121",
  overridable: true,
  async run({ states, request }) {
    const installed = (await states()).filter((state) => state.newest !== null);
    const stuck = installed.filter(
      ({ newest }) => newest?.status.startsWith("pending-") === true || newest?.status === "uninstalling",
    );
    if (installed.length === 0) return skipped("nothing is installed");
    if (stuck.length === 0)
      return passed(`${count(installed.length, "Helm release")}, none is in the middle of an operation`);
    return failed(
      "a Helm release is in the middle of an operation",
      stuck.map(
        ({ service, newest }) =>
          `${service.name} (${service.namespace}/${service.helmRelease}): revision ${newest?.revision ?? 0} is ${newest?.status ?? ""} since ${newest?.lastDeployed ?? "?"}`,
      ),
      `if another run is at work, wait for it; else: npm run recover -- ${request.stack}`,
    );
  },
};
