import type { Kubernetes, KubernetesObject } from "../../clients/contracts.ts";
import { deployments, pods, statefulSets } from "../../clients/kubernetes-kinds.ts";
import { numberAt, textAt } from "../../model/cluster-object.ts";
import { CutoverError } from "../../model/error.ts";
import { isOfRelease } from "../../model/pod-health.ts";
import type { StoppedWorkload } from "../../model/restore.ts";

/** A Helm release and where it is. */
export interface Release {
  namespace: string;
  helmRelease: string;
}

const kinds = { Deployment: deployments, StatefulSet: statefulSets } as const;
const patienceMilliseconds = 300_000;

/** The release's Deployments and StatefulSets with the replicas that they want now. */
export async function workloadsOf(kubernetes: Kubernetes, release: Release): Promise<StoppedWorkload[]> {
  const lists = await Promise.all(
    (["Deployment", "StatefulSet"] as const).map(async (kind) =>
      (await objectsOf(kubernetes, release, kind)).map((object) => ({
        kind,
        name: object.metadata.name,
        replicas: numberAt(object.spec, 1, "replicas"),
      })),
    ),
  );
  return lists.flat();
}

async function objectsOf(
  kubernetes: Kubernetes,
  release: Release,
  kind: StoppedWorkload["kind"],
): Promise<KubernetesObject[]> {
  const found = await kubernetes.list(kinds[kind], release.namespace);
  // Lists leave the kind out of their items; the rule needs none.
  return found.filter((object) => isOfRelease(object, release.helmRelease));
}

/** Scales everything of the release to 0 and waits until the last pod is gone. Throws CUT-6308 when one stays. */
export async function stopService(kubernetes: Kubernetes, release: Release, signal: AbortSignal): Promise<void> {
  const workloads = await workloadsOf(kubernetes, release);
  const selectors = await selectorsOf(kubernetes, release);
  for (const { kind, name, replicas } of workloads) {
    if (replicas > 0) await kubernetes.patch(kinds[kind], release.namespace, name, { spec: { replicas: 0 } });
  }
  await untilGone(kubernetes, release, selectors, signal);
}

/** Gives the workloads their replicas back; one that is gone meanwhile stays gone. */
export async function startService(
  kubernetes: Kubernetes,
  release: Release,
  workloads: readonly StoppedWorkload[],
): Promise<void> {
  const there = new Set((await workloadsOf(kubernetes, release)).map(({ kind, name }) => `${kind} ${name}`));
  for (const { kind, name, replicas } of workloads) {
    if (!there.has(`${kind} ${name}`)) continue;
    await kubernetes.patch(kinds[kind], release.namespace, name, { spec: { replicas } });
  }
}

async function selectorsOf(kubernetes: Kubernetes, release: Release): Promise<Record<string, string>[]> {
  const objects = await Promise.all(
    (["Deployment", "StatefulSet"] as const).map((kind) => objectsOf(kubernetes, release, kind)),
  );
  return objects.flat().flatMap((object) => {
    const selector = object.spec?.["selector"] as { matchLabels?: Record<string, string> } | undefined;
    return selector?.matchLabels === undefined ? [] : [selector.matchLabels];
  });
}

async function untilGone(
  kubernetes: Kubernetes,
  release: Release,
  selectors: readonly Record<string, string>[],
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const limit = AbortSignal.timeout(patienceMilliseconds);
  let left: string[] = ["not looked at yet"];
  const look = (objects: readonly KubernetesObject[]): void => {
    left = objects.filter((pod) => isLeft(pod, selectors)).map((pod) => pod.metadata.name);
    if (left.length === 0) over.abort();
  };
  await kubernetes.watch(pods, release.namespace, {}, look, AbortSignal.any([signal, limit, over.signal]));
  signal.throwIfAborted();
  if (over.signal.aborted) return;
  throw new CutoverError({
    code: "CUT-6308",
    verdict: "failed",
    happened: `${release.helmRelease} was scaled to 0, but its pods are still there after ${patienceMilliseconds / 60_000} minutes`,
    evidence: left.map((name) => `pod ${release.namespace}/${name}`),
    untouched: "The database.",
    next: "Find out what holds them (finalizers, a dead node), then run the same command again.",
  });
}

// Pods of Jobs carry other labels; ended ones hold no connection.
function isLeft(pod: KubernetesObject, selectors: readonly Record<string, string>[]): boolean {
  if (["Failed", "Succeeded"].includes(textAt(pod.status, "phase"))) return false;
  const labels = pod.metadata.labels ?? {};
  return selectors.some((selector) => Object.entries(selector).every(([key, value]) => labels[key] === value));
}
