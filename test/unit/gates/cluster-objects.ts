import type { ClusterObject } from "../../../model/cluster-object.ts";
import type { NamespaceObjects } from "../../../model/pod-health.ts";
import type { Json } from "../../../model/service.ts";

export const release = "gim-t100";
export const tag = "100.0.116.4200";
export const image = `registry.example/gim/gim:${tag}`;

/** A pod of the newest revision, ready, with one container. */
export function pod(
  name: string,
  change: { status?: Json; owner?: string; image?: string; deleting?: boolean } = {},
): ClusterObject {
  const runs = change.image ?? image;
  const ready = { name: "gim", ready: true, restartCount: 0, image: runs, state: { running: {} } };
  const status = change.status ?? { ...ready };
  return {
    kind: "Pod",
    metadata: {
      name,
      uid: name,
      labels: { "app.kubernetes.io/instance": release },
      ...(change.deleting === true ? { deletionTimestamp: "2026-11-22T10:00:00Z" } : {}),
      ownerReferences: [
        { kind: "ReplicaSet", name: change.owner ?? "new", uid: change.owner ?? "new", controller: true },
      ],
    },
    spec: { containers: [{ name: "gim", image: runs }] },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: (status as { ready?: boolean }).ready === true ? "True" : "False" }],
      containerStatuses: [status],
    },
  };
}

/** A pod whose container waits for this reason. */
export const waitingPod = (reason: string, message = ""): ClusterObject =>
  pod("a", {
    status: { name: "gim", ready: false, restartCount: 2, image, state: { waiting: { reason, message } } },
  });

export function replicaSet(uid: string, revision: string): ClusterObject {
  return {
    kind: "ReplicaSet",
    metadata: {
      name: uid,
      uid,
      annotations: { "deployment.kubernetes.io/revision": revision },
      ownerReferences: [{ kind: "Deployment", name: "gim", uid: "gim", controller: true }],
    },
  };
}

/** A Deployment at revision 2, rolled out completely. */
export function deployment(
  replicas: number,
  change: { status?: { [key: string]: Json }; spec?: { [key: string]: Json } } = {},
): ClusterObject {
  return {
    kind: "Deployment",
    metadata: {
      name: "gim",
      uid: "gim",
      generation: 5,
      annotations: { "deployment.kubernetes.io/revision": "2", "meta.helm.sh/release-name": release },
    },
    spec: { replicas, template: { spec: { containers: [{ name: "gim", image }] } }, ...change.spec },
    status: {
      observedGeneration: 5,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      ...change.status,
    },
  };
}

export function objects(change: Partial<NamespaceObjects>): NamespaceObjects {
  return {
    deployments: [],
    statefulSets: [],
    daemonSets: [],
    replicaSets: [replicaSet("old", "1"), replicaSet("new", "2")],
    pods: [],
    ...change,
  };
}
