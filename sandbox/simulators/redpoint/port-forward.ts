import type { ClusterApi } from "../cluster-api.ts";
import type { Pod } from "../pod.ts";

/**
 * Lets a port-forward to the pod's container ports end at a local server. Other ports of the pod stay closed, as with a real
 * kubelet: a client that forwards to the Service's port 80 instead of the container's 8080 is refused here too.
 */
export async function publishPortForward(api: ClusterApi, pod: Pod, localPort: number): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const ports = pod.spec.containers.flatMap((container) => (container.ports ?? []).map((port) => port.containerPort));
  const apiVersion = "kwok.x-k8s.io/v1alpha1";
  const metadata = { name, namespace, ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid }] };
  const spec = { forwards: [{ ports, target: { address: "127.0.0.1", port: localPort } }] };
  const path = `/apis/${apiVersion}/namespaces/${namespace}/portforwards/${name}`;
  await api.patch(path, { apiVersion, kind: "PortForward", metadata, spec }, "apply");
}
