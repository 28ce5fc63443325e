import { deployedManifest, missingWorkloads } from "../../clients/helm-manifest.ts";
import type { Kubernetes } from "../../clients/contracts.ts";
import { describeError } from "../../model/error.ts";
import type { Finding } from "./contract.ts";
import { describeTrouble, gravestFirst, troubleEvidence } from "./pod-evidence.ts";
import { healthNow } from "./watch-health.ts";

/** A Helm release asked for its health; without `imageTag` the images are not judged. */
export interface HealthQuestion {
  namespace: string;
  helmRelease: string;
  imageTag?: string | null;
}

/**
 * Whether all workloads of a release are complete and ready at this moment, without waiting. `failed` names what is not; `errored`: the API
 * server could not be asked. A release without workloads (dashboards, alerts) passes when Helm deployed it.
 */
export async function checkHealthNow(kubernetes: Kubernetes, question: HealthQuestion): Promise<Finding> {
  const { namespace, helmRelease, imageTag = null } = question;
  try {
    const [health, manifest] = await Promise.all([
      healthNow(kubernetes, { namespace, helmRelease, imageTag }),
      deployedManifest(kubernetes, namespace, helmRelease),
    ]);
    const missing = manifest === null ? [] : await missingWorkloads(manifest, namespace, health.workloads);
    if (missing.length > 0) {
      const summary = `${helmRelease}: ${missing.join(", ")} missing in namespace ${namespace}`;
      return {
        verdict: "failed",
        summary,
        evidence: missing.map((name) => `${name}: in Helm's manifest, not in the cluster`),
      };
    }
    if (health.state === "noWorkloads") {
      if (manifest !== null) return { verdict: "passed", summary: `${helmRelease} has no workloads`, evidence: [] };
      return { verdict: "failed", summary: `${helmRelease} is not deployed in namespace ${namespace}`, evidence: [] };
    }
    const [first] = gravestFirst(health.troubles);
    if (first === undefined) {
      const summary = `${helmRelease}: ${health.pods.length} pods ready`;
      return { verdict: "passed", summary, evidence: health.workloads };
    }
    const evidence = await troubleEvidence(kubernetes, namespace, health.troubles);
    return { verdict: "failed", summary: `${helmRelease}: ${describeTrouble(first)}`, evidence };
  } catch (error) {
    return {
      verdict: "errored",
      summary: `${helmRelease}: its health could not be read`,
      evidence: describeError(error),
    };
  }
}
