import type { Kubernetes, KubernetesObject } from "../../clients/contracts.ts";
import { pods } from "../../clients/kubernetes-kinds.ts";
import { listAt, textAt } from "../../model/cluster-object.ts";

/** When the API server first showed a container that waits for this kind of reason. */
export interface FailureWatch {
  /** Resolves with `performance.now()` of the event. */
  seen: Promise<number>;
  end(): Promise<void>;
}

/** Watches the pods of a namespace independently of what is measured. `onNewPod` is called for the first pod that is new. */
export function watchForFailure(
  kubernetes: Kubernetes,
  namespace: string,
  reasons: readonly string[],
  onNewPod: () => void,
): FailureWatch {
  const ended = new AbortController();
  let known: Set<string | undefined> | null = null;
  let told = false;
  let resolve: (at: number) => void = () => undefined;
  const seen = new Promise<number>((settle) => (resolve = settle));
  const onChange = (objects: readonly KubernetesObject[]): void => {
    known ??= new Set(objects.map((pod) => pod.metadata.uid));
    const fresh = objects.filter((pod) => known?.has(pod.metadata.uid) === false);
    if (fresh.length > 0 && !told) {
      told = true;
      onNewPod();
    }
    if (fresh.some((pod) => reasons.includes(waitingReason(pod)))) resolve(performance.now());
  };
  const watching = kubernetes.watch(pods, namespace, {}, onChange, ended.signal).catch(() => undefined);
  return {
    seen,
    end: async () => {
      ended.abort();
      await watching;
    },
  };
}

function waitingReason(pod: KubernetesObject): string {
  const reasons = listAt(pod.status, "containerStatuses").map((status) => textAt(status, "state", "waiting", "reason"));
  return reasons.find((reason) => reason !== "") ?? "";
}
