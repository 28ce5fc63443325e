import type { Kubernetes } from "./contracts.ts";
import { revisionOf } from "./helm-record.ts";
import { isApiError } from "./kubernetes-error.ts";
import { secrets } from "./kubernetes-kinds.ts";

const workload = /^kind:\s*["']?(Deployment|StatefulSet|DaemonSet)["']?\s*$/gm;

/** Manifest of the revision that Helm calls deployed; null when there is none or its Secret may not be read. */
export async function deployedManifest(
  kubernetes: Kubernetes,
  namespace: string,
  release: string,
): Promise<string | null> {
  try {
    const labelSelector = `owner=helm,name=${release},status=deployed`;
    const [record] = await kubernetes.list(secrets, namespace, { labelSelector });
    return record === undefined ? null : revisionOf(record).manifest;
  } catch (error) {
    if (isApiError(error) && error.status === 403) return null;
    throw error;
  }
}

/**
 * Workloads that a manifest holds and the cluster does not, as `Deployment gim`. `present` has the same form.
 * The YAML is only parsed when a count of its `kind:` lines says that something may be missing.
 */
export async function missingWorkloads(
  manifest: string,
  namespace: string,
  present: readonly string[],
): Promise<string[]> {
  if ((manifest.match(workload) ?? []).length <= present.length) return [];
  // `default`: the bundler gives a CommonJS module no named exports when it is loaded late.
  const { parseAllDocuments } = (await import("yaml")).default;
  const documents = parseAllDocuments(manifest).flatMap((document) => {
    const object = document.toJS() as { kind?: string; metadata?: { name?: string; namespace?: string } } | null;
    if (object === null || !["Deployment", "StatefulSet", "DaemonSet"].includes(object.kind ?? "")) return [];
    const elsewhere = object.metadata?.namespace !== undefined && object.metadata.namespace !== namespace;
    return elsewhere ? [] : [`${object.kind ?? ""} ${object.metadata?.name ?? ""}`];
  });
  return documents.filter((name) => !present.includes(name));
}
