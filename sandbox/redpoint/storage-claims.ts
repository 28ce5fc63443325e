import { setTimeout as sleep } from "node:timers/promises";
import { CutoverError } from "../../model/error.ts";
import type { ClusterApi } from "../simulators/cluster-api.ts";

/** Claims of the chart's shared folders, by the names that its values have by default (facts/domain.md A6). */
export const redpointClaims = ["rpifileoutputdir", "rpdmuploaddirectory", "realtimeplugins"] as const;

const pollMilliseconds = 50;
const mostPolls = 600;

/**
 * Creates the claims with a volume each, as the operator of a file share would; resolves when the cluster has bound
 * them. Throws CUT-8700 when that takes too long.
 */
export async function prepareStorageClaims(api: ClusterApi, namespaces: readonly string[]): Promise<void> {
  const claims = namespaces.flatMap((namespace) => redpointClaims.map((name) => ({ namespace, name })));
  const common = { accessModes: ["ReadWriteMany"], storageClassName: "" };
  const volumePath = (claim: { namespace: string; name: string }): string =>
    `/api/v1/persistentvolumes/${claim.namespace}-${claim.name}`;
  const claimPath = ({ namespace, name }: { namespace: string; name: string }): string =>
    `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`;
  for (const claim of claims) {
    const { namespace, name } = claim;
    const spec = {
      ...common,
      capacity: { storage: "50Gi" },
      persistentVolumeReclaimPolicy: "Retain",
      nfs: { server: "files.sandbox.example", path: `/${name}` },
      claimRef: { namespace, name },
    };
    const metadata = { name: `${namespace}-${name}` };
    await api.patch(volumePath(claim), { apiVersion: "v1", kind: "PersistentVolume", metadata, spec }, "apply");
  }
  for (const claim of claims) await untilPhase(api, volumePath(claim), ["Available", "Bound"]);
  for (const claim of claims) {
    const { namespace, name } = claim;
    const spec = { ...common, volumeName: `${namespace}-${name}`, resources: { requests: { storage: "50Gi" } } };
    const body = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name, namespace }, spec };
    await api.patch(claimPath(claim), body, "apply");
  }
  for (const claim of claims) await untilPhase(api, claimPath(claim), ["Bound"]);
}

async function untilPhase(api: ClusterApi, path: string, phases: readonly string[]): Promise<void> {
  for (let poll = 0; poll < mostPolls; poll += 1) {
    const object = await api.find<{ status?: { phase?: string } }>(path);
    if (phases.includes(object?.status?.phase ?? "")) return;
    await sleep(pollMilliseconds);
  }
  throw new CutoverError({
    code: "CUT-8700",
    verdict: "errored",
    happened: "the sandbox's cluster did not bind a storage claim",
    evidence: [`${path} is not ${phases.join(" or ")} after ${(mostPolls * pollMilliseconds) / 1000} s`],
    next: "Try again; with a busy machine end other programs first.",
  });
}
