import { CutoverError } from "../model/error.ts";
import type { Helm, Kubernetes, KubernetesObject } from "./contracts.ts";
import { decodeRecord, encodeRecord, markFailed, revisionOf } from "./helm-record.ts";
import { renderChart } from "./helm-render.ts";
import { secrets } from "./kubernetes-kinds.ts";

/**
 * Helm's records, read from the cluster's Secrets, and rendering by the helm CLI.
 * `cacheFolder` is relative to the project folder.
 */
export function createHelm(kubernetes: Kubernetes, options: { cacheFolder?: string } = {}): Helm {
  const cacheFolder = options.cacheFolder ?? ".cutover/rendered";
  let kubeVersion: Promise<string | null> | null = null;
  return {
    async history(namespace, release) {
      const labelSelector = `owner=helm,name=${release}`;
      const records = (await kubernetes.list(secrets, namespace, { labelSelector })).filter(isRecord);
      return records.map(revisionOf).sort((a, b) => b.revision - a.revision);
    },
    async unlock(namespace, release, revision) {
      const name = `sh.helm.release.v1.${release}.v${revision}`;
      const record = await kubernetes.get(secrets, namespace, name);
      if (record === null || !isRecord(record)) throw notUnlocked(release, revision, "Helm keeps no such revision");
      const status = revisionOf(record).status;
      if (!status.startsWith("pending-")) throw notUnlocked(release, revision, `its status is ${status}, not pending`);
      const text = markFailed(decodeRecord(record), `cutover: ended the stale ${status}`);
      // With the resource version read above: if Helm is alive after all and was faster, this is refused.
      await kubernetes.replace(secrets, namespace, name, {
        ...record,
        metadata: { ...record.metadata, labels: { ...record.metadata.labels, status: "failed" } },
        data: { ...record.data, release: encodeRecord(text) },
      });
    },
    async render(input) {
      kubeVersion ??= versionOf(kubernetes);
      return renderChart(input, await kubeVersion, cacheFolder);
    },
  };
}

const isRecord = (object: KubernetesObject): boolean => object.type === "helm.sh/release.v1";

/** The cluster's version without suffix; null when it can't be had: rendering needs no cluster. */
async function versionOf(kubernetes: Kubernetes): Promise<string | null> {
  try {
    const answer = (await kubernetes.raw("/version")) as { gitVersion?: string } | null;
    return /^v?(\d+\.\d+\.\d+)/.exec(answer?.gitVersion ?? "")?.[1] ?? null;
  } catch {
    return null;
  }
}

function notUnlocked(release: string, revision: number, why: string): CutoverError {
  return new CutoverError({
    code: "CUT-4104",
    verdict: "failed",
    happened: `Revision ${revision} of Helm release ${release} cannot be unlocked: ${why}.`,
    untouched: "Helm's record was not changed.",
    next: `helm history ${release}`,
  });
}
