import { createHelm } from "../../../clients/helm.ts";
import type { Kubernetes, ResourceKind } from "../../../clients/contracts.ts";

export const secrets: ResourceKind = { version: "v1", plural: "secrets", namespaced: true };
export const pods: ResourceKind = { version: "v1", plural: "pods", namespaced: true };
export const namespaces: ResourceKind = { version: "v1", plural: "namespaces", namespaced: false };

/** Namespace of a service, with one namespace per role and the monitoring charts beside their service. */
export function namespaceOf(prefix: string, service: string): string {
  return `${prefix}${service.split("-")[0] ?? service}`;
}

/** Newest Helm revision number per service; 0 when not installed. */
export async function revisionsOf(
  kubernetes: Kubernetes,
  prefix: string,
  services: readonly string[],
): Promise<Record<string, number>> {
  const helm = createHelm(kubernetes);
  const revisions: Record<string, number> = {};
  for (const service of services) {
    const [newest] = await helm.history(namespaceOf(prefix, service), service);
    revisions[service] = newest?.revision ?? 0;
  }
  return revisions;
}

/** Names and restart-proof identities of the pods of a namespace. */
export async function podsOf(kubernetes: Kubernetes, namespace: string): Promise<{ name: string; uid: string }[]> {
  const found = await kubernetes.list(pods, namespace);
  return found.map((pod) => ({ name: pod.metadata.name, uid: pod.metadata.uid ?? "" }));
}
