import type { Kubernetes, KubernetesObject } from "../../clients/contracts.ts";
import { pods } from "../../clients/kubernetes-kinds.ts";
import { conditionOf } from "../../model/cluster-object.ts";

/** Watches all pods of a world and measures, beside whatever upgrades them, how long each new one took to become Ready. */
export interface PodWaits {
  /** Ends the watch; milliseconds per pod. */
  end(): Promise<number[]>;
}

/** Begins to watch. `prefix`: of the namespaces that count. Resolves when the pods that exist already are known. */
export async function watchPodWaits(kubernetes: Kubernetes, prefix: string): Promise<PodWaits> {
  const ended = new AbortController();
  const firstSeen = new Map<string, number>();
  const waits = new Map<string, number>();
  let old: Set<string> | null = null;
  let listed: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (listed = resolve));
  const onChange = (objects: readonly KubernetesObject[]): void => {
    const own = objects.filter((pod) => pod.metadata.namespace?.startsWith(prefix) === true);
    old ??= new Set(own.map(uidOf));
    listed();
    for (const pod of own) {
      const uid = uidOf(pod);
      if (old.has(uid)) continue;
      const began = firstSeen.get(uid) ?? performance.now();
      firstSeen.set(uid, began);
      if (!waits.has(uid) && conditionOf(pod, "Ready")?.status === "True") waits.set(uid, performance.now() - began);
    }
  };
  const watching = kubernetes.watch(pods, null, {}, onChange, ended.signal);
  watching.catch(() => undefined);
  await Promise.race([ready, watching]);
  return {
    end: async () => {
      ended.abort();
      await watching.catch(() => undefined);
      return [...waits.values()];
    },
  };
}

const uidOf = (pod: KubernetesObject): string => pod.metadata.uid ?? "";
