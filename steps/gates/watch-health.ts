import type { Kubernetes, KubernetesObject, ResourceKind } from "../../clients/contracts.ts";
import { daemonSets, deployments, pods, replicaSets, statefulSets } from "../../clients/kubernetes-kinds.ts";
import { healthOf, type Health, type HealthTarget, type NamespaceObjects } from "../../model/pod-health.ts";
import { restartsOf } from "../../model/pod-trouble.ts";

const kinds: Record<keyof NamespaceObjects, ResourceKind> = {
  deployments,
  statefulSets,
  daemonSets,
  replicaSets,
  pods,
};
const names = Object.keys(kinds) as (keyof NamespaceObjects)[];

/** The Helm release whose pods are watched. */
export interface WatchedRelease extends HealthTarget {
  namespace: string;
}

/**
 * Watches all workloads and pods of a namespace and gives the release's health after each change, from the moment on when all kinds have
 * been listed. Ends when `signal` aborts; rejects when the API server refuses a watch.
 */
export async function watchHealth(
  kubernetes: Kubernetes,
  release: WatchedRelease,
  onHealth: (health: Health) => void,
  signal: AbortSignal,
): Promise<void> {
  const seen = new Map<keyof NamespaceObjects, readonly KubernetesObject[]>();
  let restartsBefore: Map<string, number> | null = null;
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  const changed = (name: keyof NamespaceObjects, objects: readonly KubernetesObject[]) => {
    seen.set(name, objects);
    if (seen.size < names.length) return;
    const all = snapshot(seen);
    restartsBefore ??= restartsOf(all.pods);
    // Pods that came later are counted from their first start.
    for (const key of restartsOf(all.pods).keys()) if (!restartsBefore.has(key)) restartsBefore.set(key, 0);
    onHealth(healthOf(all, release, restartsBefore));
  };
  try {
    await Promise.all(
      names.map((name) =>
        kubernetes.watch(kinds[name], release.namespace, {}, (objects) => changed(name, objects), stop),
      ),
    );
  } finally {
    // One refused watch ends the others too.
    ended.abort();
  }
}

/** The release's health at this moment, by one list of each kind. */
export async function healthNow(kubernetes: Kubernetes, release: WatchedRelease): Promise<Health> {
  const lists = await Promise.all(
    names.map(async (name) => [name, await kubernetes.list(kinds[name], release.namespace)] as const),
  );
  return healthOf(snapshot(new Map(lists)), release);
}

function snapshot(seen: ReadonlyMap<keyof NamespaceObjects, readonly KubernetesObject[]>): NamespaceObjects {
  const of = (name: keyof NamespaceObjects) => seen.get(name) ?? [];
  return {
    deployments: of("deployments"),
    statefulSets: of("statefulSets"),
    daemonSets: of("daemonSets"),
    replicaSets: of("replicaSets"),
    pods: of("pods"),
  };
}
