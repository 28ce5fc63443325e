import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterApi } from "./cluster-api.ts";
import type { Pod } from "./pod.ts";

interface PodList {
  metadata: { resourceVersion: string };
  items: Pod[];
}

const reconnectMilliseconds = 200;

/**
 * Reports every pod of the cluster and every change of one, until `signal` aborts. After a cut or an expired version it
 * lists again, and pods that are missing then are reported as gone. `onListed` is called after each list.
 */
export async function watchPods(
  api: ClusterApi,
  on: { pod(pod: Pod): void; gone(uid: string): void; listed(): void },
  signal: AbortSignal,
): Promise<void> {
  const known = new Set<string>();
  const forget = (uid: string): void => {
    known.delete(uid);
    on.gone(uid);
  };
  while (!signal.aborted) {
    try {
      const list = await api.call<PodList>("GET", "/api/v1/pods");
      const present = new Set(list.items.map((pod) => pod.metadata.uid));
      for (const uid of [...known]) if (!present.has(uid)) forget(uid);
      for (const pod of list.items) {
        known.add(pod.metadata.uid);
        on.pod(pod);
      }
      on.listed();
      const path = `/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=${list.metadata.resourceVersion}`;
      const onEvent = (type: string, object: unknown): void => {
        const pod = object as Pod;
        if (type === "BOOKMARK") return;
        if (type === "DELETED") return forget(pod.metadata.uid);
        known.add(pod.metadata.uid);
        on.pod(pod);
      };
      await api.watch(path, onEvent, signal);
    } catch {
      await sleep(reconnectMilliseconds, undefined, { signal }).catch(() => undefined);
    }
  }
}
