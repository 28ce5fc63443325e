import { describeRange, judgeRange } from "../../../model/version.ts";
import type { Check } from "../contract.ts";
import { errored, failed, passed } from "../outcome.ts";

/** The cluster is new enough, and not newer than the release set allows. */
export const kubernetesVersion: Check = {
  name: "kubernetes-version",
  code: "CUT-3130",
  overridable: true,
  async run({ kubernetes, spec }) {
    const answer = await (await kubernetes()).raw("/version");
    const version =
      answer !== null && typeof answer === "object" && !Array.isArray(answer) ? answer["gitVersion"] : undefined;
    if (typeof version !== "string") {
      return errored(
        "the API server does not tell its version",
        [],
        "kubectl get --raw /version must name a gitVersion",
      );
    }
    const range = spec.thirdParties["kubernetes"] ?? {};
    const verdict = judgeRange(version, range);
    if (verdict === "within") return passed(`Kubernetes ${version} (wanted: ${describeRange(range)})`);
    return failed(
      `Kubernetes is ${verdict === "below" ? "too old" : "too new"}`,
      [`found: ${version}`, `wanted by the release set: ${describeRange(range)}`],
      "upgrade the third party before the services (seed 001), or choose a release set for this version",
    );
  },
};
