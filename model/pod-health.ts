import { at, conditionOf, controllerOf, numberAt, textAt, type ClusterObject } from "./cluster-object.ts";
import { imageTroubles } from "./pod-image.ts";
import { troublesOf, type Trouble } from "./pod-trouble.ts";

/** All objects of these kinds in the release's namespace. */
export interface NamespaceObjects {
  deployments: readonly ClusterObject[];
  statefulSets: readonly ClusterObject[];
  daemonSets: readonly ClusterObject[];
  replicaSets: readonly ClusterObject[];
  pods: readonly ClusterObject[];
}

/** The Helm release whose health is asked. */
export interface HealthTarget {
  helmRelease: string;
  /** Tag that the pods must run; null when the release declares none. */
  imageTag: string | null;
}

/** `hopeless`: waiting cannot heal it. `noWorkloads`: nothing of the release runs pods. */
export interface Health {
  state: "healthy" | "waiting" | "hopeless" | "noWorkloads";
  troubles: Trouble[];
  /** `Deployment gim` and so on. */
  workloads: string[];
  /** The current pods of the release, not the old or ended ones. */
  pods: ClusterObject[];
}

/**
 * Whether all of a Helm release's workloads run their newest revision, completely ready and alone. Pure: objects in, verdict out.
 * Workloads are found by label or Helm's annotation, never by a known name (facts/domain.md B2).
 */
export function healthOf(
  objects: NamespaceObjects,
  target: HealthTarget,
  restartsBefore: ReadonlyMap<string, number> = new Map(),
): Health {
  const belongs = (object: ClusterObject) => isOfRelease(object, target.helmRelease);
  const workloads = [...objects.deployments, ...objects.statefulSets, ...objects.daemonSets].filter(belongs);
  const troubles: Trouble[] = [];
  const current: ClusterObject[] = [];
  for (const workload of workloads) {
    const owned = podsOf(workload, objects);
    troubles.push(...rolloutTroubles(workload, owned, objects.replicaSets));
    // Before the controller has seen the new specification, no pod is known to be of it.
    if (!isObserved(workload)) continue;
    troubles.push(...owned.current.flatMap((pod) => troublesOf(pod, restartsBefore)));
    current.push(...owned.current);
  }
  const alone = objects.pods.filter(
    (pod) => belongs(pod) && standsAlone(pod, workloads, objects.replicaSets) && isLive(pod),
  );
  troubles.push(...alone.flatMap((pod) => troublesOf(pod, restartsBefore)));
  current.push(...alone);
  troubles.push(...imageTroubles(target.imageTag, workloads, current));
  if (alone.length === 0) troubles.push(...allScaledToZero(workloads));
  return {
    state: stateOf(workloads.length + alone.length, troubles),
    troubles,
    workloads: workloads.map(nameOf),
    pods: current,
  };
}

// One optional component without replicas is a choice; a release that runs nothing at all is a stopped service.
function allScaledToZero(workloads: readonly ClusterObject[]): Trouble[] {
  const [first] = workloads;
  if (
    first === undefined ||
    !workloads.every((workload) => workload.kind !== "DaemonSet" && countsOf(workload).desired === 0)
  ) {
    return [];
  }
  const object = nameOf(first);
  const message = "no replica is wanted of any workload of the release: it is stopped";
  return [
    { hopeless: true, graceMilliseconds: 0, key: `${object}/ScaledToZero`, object, reason: "ScaledToZero", message },
  ];
}

function stateOf(count: number, troubles: readonly Trouble[]): Health["state"] {
  if (count === 0) return "noWorkloads";
  if (troubles.some((trouble) => trouble.hopeless)) return "hopeless";
  return troubles.length === 0 ? "healthy" : "waiting";
}

/** By the recommended label, or by the annotation that Helm puts on everything it makes. */
export function isOfRelease(object: ClusterObject, helmRelease: string): boolean {
  const { labels, annotations } = object.metadata;
  return (
    annotations?.["meta.helm.sh/release-name"] === helmRelease ||
    (labels?.["app.kubernetes.io/instance"] === helmRelease && annotations?.["meta.helm.sh/release-name"] === undefined)
  );
}

export const nameOf = (object: ClusterObject): string => `${object.kind} ${object.metadata.name}`;

function isObserved(workload: ClusterObject): boolean {
  return numberAt(workload.status, 0, "observedGeneration") >= (workload.metadata.generation ?? 0);
}

// Evicted and finished pods stay as records; their controller has replaced them.
function isLive(pod: ClusterObject): boolean {
  return !["Failed", "Succeeded"].includes(textAt(pod.status, "phase"));
}

interface OwnedPods {
  current: ClusterObject[];
  /** Of an older revision, or going away. */
  old: ClusterObject[];
}

function podsOf(workload: ClusterObject, objects: NamespaceObjects): OwnedPods {
  const owners = new Set([workload.metadata.uid]);
  const revision = currentRevision(workload, objects.replicaSets);
  for (const set of objects.replicaSets) {
    if (controllerOf(set)?.uid === workload.metadata.uid) owners.add(set.metadata.uid);
  }
  const owned = objects.pods.filter((pod) => isLive(pod) && owners.has(controllerOf(pod)?.uid));
  const isCurrent = (pod: ClusterObject) => pod.metadata.deletionTimestamp === undefined && revision(pod);
  return { current: owned.filter(isCurrent), old: owned.filter((pod) => !isCurrent(pod)) };
}

/** Tells whether a pod is of the workload's newest revision. */
function currentRevision(
  workload: ClusterObject,
  replicaSets: readonly ClusterObject[],
): (pod: ClusterObject) => boolean {
  if (workload.kind === "Deployment") {
    const key = "deployment.kubernetes.io/revision";
    const newest = replicaSets.find(
      (set) =>
        controllerOf(set)?.uid === workload.metadata.uid &&
        set.metadata.annotations?.[key] === workload.metadata.annotations?.[key],
    );
    return (pod) => newest !== undefined && controllerOf(pod)?.uid === newest.metadata.uid;
  }
  const hash = textAt(workload.status, "updateRevision");
  // DaemonSets do not say their revision; `updatedNumberScheduled` tells whether all pods are of it.
  if (hash === "") return () => true;
  return (pod) => pod.metadata.labels?.["controller-revision-hash"] === hash;
}

function standsAlone(
  pod: ClusterObject,
  workloads: readonly ClusterObject[],
  replicaSets: readonly ClusterObject[],
): boolean {
  const owner = controllerOf(pod);
  if (owner === null) return true;
  // Pods of Jobs end; the job gate judges them.
  if (owner.kind === "Job") return false;
  const known = new Set([...workloads, ...replicaSets].map((object) => object.metadata.uid));
  return !known.has(owner.uid);
}

function rolloutTroubles(workload: ClusterObject, owned: OwnedPods, replicaSets: readonly ClusterObject[]): Trouble[] {
  const object = nameOf(workload);
  const trouble = (reason: string, message: string, hopeless = false): Trouble => ({
    hopeless,
    graceMilliseconds: 0,
    key: `${object}/${reason}`,
    object,
    reason,
    message,
  });
  if (workload.metadata.deletionTimestamp !== undefined) return [trouble("Deleted", "it is being deleted", true)];
  if (!isObserved(workload)) return [trouble("NotObserved", "its controller has not seen the new specification yet")];
  const troubles: Trouble[] = [];
  const sets = replicaSets.filter((set) => controllerOf(set)?.uid === workload.metadata.uid);
  for (const source of [workload, ...sets]) {
    const failure = conditionOf(source, "ReplicaFailure");
    if (failure?.status === "True" && troubles.length === 0) {
      troubles.push(trouble("ReplicaFailure", `${failure.reason}: ${failure.message}`, true));
    }
  }
  if (at(workload.spec, "paused") === true) troubles.push(trouble("Paused", "its rollout is paused", true));
  const counts = countsOf(workload);
  const missing = Object.entries(counts.have).filter(([, count]) => count !== counts.desired);
  if (missing.length > 0) {
    const text = missing.map(([name, count]) => `${count} ${name}`).join(", ");
    troubles.push(trouble("Incomplete", `${text} of ${counts.desired}`));
  } else if (owned.current.length !== counts.desired) {
    troubles.push(trouble("Incomplete", `${owned.current.length} current pods of ${counts.desired}`));
  }
  if (owned.old.length > 0) {
    const names = owned.old.map((pod) => pod.metadata.name).join(", ");
    troubles.push(trouble("OldPods", `old pods are still there: ${names}`));
  }
  return troubles;
}

function countsOf(workload: ClusterObject): { desired: number; have: Record<string, number> } {
  const { status } = workload;
  if (workload.kind === "DaemonSet") {
    const have = { updated: numberAt(status, 0, "updatedNumberScheduled"), ready: numberAt(status, 0, "numberReady") };
    return { desired: numberAt(status, 0, "desiredNumberScheduled"), have };
  }
  const desired = numberAt(workload.spec, 1, "replicas");
  const have = {
    replicas: numberAt(status, 0, "replicas"),
    updated: numberAt(status, 0, "updatedReplicas"),
    ready: numberAt(status, 0, "readyReplicas"),
    available: numberAt(status, 0, "availableReplicas"),
  };
  return { desired, have };
}
