import type { ClusterApi } from "../cluster-api.ts";
import type { Pod } from "../pod.ts";

/**
 * The first container's environment with the values of Secrets in it, as its process got it at its start: a Secret that changes
 * later is not seen. Variables whose Secret or key is missing are left out.
 */
export async function environmentOf(api: ClusterApi, pod: Pod): Promise<Record<string, string>> {
  const secrets = new Map<string, Record<string, string>>();
  const environment: Record<string, string> = {};
  for (const { name, value, valueFrom } of pod.spec.containers[0]?.env ?? []) {
    const reference = valueFrom?.secretKeyRef;
    if (reference === undefined) {
      environment[name] = value ?? "";
      continue;
    }
    let data = secrets.get(reference.name);
    if (data === undefined) {
      const path = `/api/v1/namespaces/${pod.metadata.namespace}/secrets/${reference.name}`;
      data = (await api.find<{ data?: Record<string, string> }>(path))?.data ?? {};
      secrets.set(reference.name, data);
    }
    const encoded = data[reference.key];
    if (encoded !== undefined) environment[name] = Buffer.from(encoded, "base64").toString("utf8");
  }
  return environment;
}
