import { connect } from "node:net";
import type { Kubernetes, KubernetesObject } from "../../../clients/contracts.ts";
import { ApiError } from "../../../clients/kubernetes-error.ts";

/** A cluster with one Service whose pod is a server on loopback, reached by `portForward`. */
export interface ServiceCluster {
  kubernetes: Kubernetes;
  /** Ports of the pod that were asked for. */
  ports: number[];
  state: { ready: boolean; listens: boolean; image: string };
}

export function clusterWithService(localPort: number): ServiceCluster {
  const ports: number[] = [];
  const state = { ready: true, listens: true, image: "registry/rpi:7.6.1" };
  const service = {
    metadata: { name: "rpi-api" },
    spec: { selector: { app: "rpi-api" }, ports: [{ port: 80, targetPort: "web" }] },
  };
  const pod = () => ({
    kind: "Pod",
    metadata: { name: "rpi-api-1" },
    spec: { containers: [{ name: "api", image: state.image, ports: [{ name: "web", containerPort: 8080 }] }] },
    status: { conditions: [{ type: "Ready", status: state.ready ? "True" : "False" }] },
  });
  const kubernetes = {
    get: (kind: { plural: string }, _namespace: string, name: string) =>
      Promise.resolve(kind.plural === "services" && name === "rpi-api" ? service : null),
    list: () => Promise.resolve([pod() as unknown as KubernetesObject]),
    portForward: ({ port }: { port: number }) => {
      ports.push(port);
      if (!state.listens)
        return Promise.reject(new ApiError(502, "PortForwardFailed", "connection refused in the pod"));
      return new Promise((resolve) => {
        const socket = connect(localPort, "127.0.0.1", () => resolve(socket));
      });
    },
  } as unknown as Kubernetes;
  return { kubernetes, ports, state };
}
