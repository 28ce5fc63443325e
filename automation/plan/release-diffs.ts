import { join } from "node:path";
import type { Helm } from "../../clients/contracts.ts";
import { describeError } from "../../model/error.ts";
import { manifestDiff, valuesDiff } from "../../model/release-diff.ts";
import type { ResolvedService } from "../../model/service.ts";
import { redactText } from "../../steps/redaction.ts";

/** What changes in one Helm release. Texts are masked. */
export interface ReleaseDiff {
  service: string;
  /** What Helm has deployed; null when it is not installed. */
  from: { revision: number; chartVersion: string } | null;
  to: { releaseSet: string; chartVersion: string };
  values: string;
  manifest: string;
  /** Objects of the new manifest, hooks apart. */
  objects: string[];
  hooks: string[];
  /** Why it could not be compared; null when it could. */
  problem: string | null;
}

/** Compares what Helm recorded as deployed with what would be rendered; reads only. `root`: the project folder. `secret`: the values hold secrets. */
export async function releaseDiffs(
  helm: Helm,
  root: string,
  services: readonly ResolvedService[],
  secret = false,
): Promise<ReleaseDiff[]> {
  return Promise.all(services.map((service) => releaseDiff(helm, root, service, secret)));
}

async function releaseDiff(helm: Helm, root: string, service: ResolvedService, secret: boolean): Promise<ReleaseDiff> {
  const { name, namespace, helmRelease: release, releaseSet, chart, values } = service;
  const unknown: ReleaseDiff = {
    ...{ service: name, from: null, to: { releaseSet, chartVersion: chart.version } },
    ...{ values: "", manifest: "", objects: [], hooks: [], problem: null },
  };
  try {
    const [history, rendered] = await Promise.all([
      helm.history(namespace, release),
      helm.render({ release, namespace, chartPath: join(root, chart.path), values, secret }),
    ]);
    const now = history.find((revision) => revision.status === "deployed") ?? history[0];
    const names = {
      before: now === undefined ? "not installed" : `${release} revision ${now.revision} (${now.chartVersion})`,
      after: `${release} ${releaseSet} (${chart.version})`,
    };
    const manifest = manifestDiff(now?.manifest ?? "", rendered, names);
    return {
      ...unknown,
      from: now === undefined ? null : { revision: now.revision, chartVersion: now.chartVersion },
      values: redactText(valuesDiff(now?.values ?? {}, values, names)),
      manifest: redactText(manifest.patch),
      objects: manifest.objects,
      hooks: manifest.hooks,
    };
  } catch (error) {
    return { ...unknown, problem: redactText(describeError(error).slice(0, 4).join("; ")) };
  }
}
