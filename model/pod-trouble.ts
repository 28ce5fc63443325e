import { conditionOf, listAt, numberAt, textAt, type ClusterObject } from "./cluster-object.ts";
import type { Json } from "./service.ts";

/** Something that keeps a release from being healthy. */
export interface Trouble {
  /** True when waiting cannot heal it. */
  hopeless: boolean;
  /** Hopeless only after it has lasted so long; milliseconds. */
  graceMilliseconds: number;
  /** Identifies the same trouble over several observations. */
  key: string;
  /** Kind and name of the object. */
  object: string;
  reason: string;
  message: string;
  pod?: string;
  container?: string;
}

// A person or a new deployment has to act; the kubelet repeats them for ever.
const hopelessReasons = new Set([
  "CrashLoopBackOff",
  "ImagePullBackOff",
  "ErrImagePull",
  "ErrImageNeverPull",
  "InvalidImageName",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
]);

/** Restarts during one observation that are a crash loop, even if it is never seen in the back-off itself. */
const restartsOfCrashLoop = 3;

/** Milliseconds that a pod may be unschedulable before it counts: the scheduler may need a moment for freed room. */
export const unschedulableGrace = 1_000;

/** What keeps this pod from being ready; empty when it is. `restartsBefore` holds the restarts at the first observation. */
export function troublesOf(pod: ClusterObject, restartsBefore: ReadonlyMap<string, number> = new Map()): Trouble[] {
  const hopeless = hopelessTroubles(pod, restartsBefore);
  if (hopeless.length > 0) return hopeless;
  const statuses = containerStatuses(pod);
  const troubles = containersToBeReady(pod).flatMap((name) => {
    const status = statuses.find((entry) => textAt(entry, "name") === name);
    const ready = status !== undefined && isReady(status);
    return ready ? [] : [troubleOf(pod, "NotReady", waitingFor(status), { container: name })];
  });
  const ready = conditionOf(pod, "Ready");
  if (troubles.length > 0 || ready?.status === "True") return troubles;
  const phase = `phase ${textAt(pod.status, "phase") || "unknown"}`;
  return [troubleOf(pod, "NotReady", ready?.message || ready?.reason || phase)];
}

function hopelessTroubles(pod: ClusterObject, restartsBefore: ReadonlyMap<string, number>): Trouble[] {
  const troubles: Trouble[] = [];
  const scheduled = conditionOf(pod, "PodScheduled");
  if (scheduled?.status === "False" && scheduled.reason === "Unschedulable") {
    const grace = { hopeless: true, graceMilliseconds: unschedulableGrace };
    troubles.push(troubleOf(pod, "Unschedulable", scheduled.message, grace));
  }
  for (const status of containerStatuses(pod)) {
    const container = textAt(status, "name");
    const waiting = textAt(status, "state", "waiting", "reason");
    const restarts = numberAt(status, 0, "restartCount");
    const grown = restarts - (restartsBefore.get(restartKey(pod, container)) ?? restarts);
    if (hopelessReasons.has(waiting)) {
      const message = `${textAt(status, "state", "waiting", "message")}${lastExit(status)}`;
      troubles.push(troubleOf(pod, waiting, message, { hopeless: true, container }));
    } else if (grown >= restartsOfCrashLoop && !isReady(status)) {
      const message = `restarted ${grown} times while it was watched${lastExit(status)}`;
      troubles.push(troubleOf(pod, "RestartsGrow", message, { hopeless: true, container }));
    }
  }
  return troubles;
}

function troubleOf(pod: ClusterObject, reason: string, message: string, more: Partial<Trouble> = {}): Trouble {
  const { name, uid = name } = pod.metadata;
  const key = `${uid}/${more.container ?? ""}/${reason}`;
  const base = { hopeless: false, graceMilliseconds: 0, key, object: `pod ${name}`, pod: name };
  return { ...base, reason, message, ...more };
}

/** Restarts per container of these pods, the baseline for `troublesOf`. */
export function restartsOf(pods: readonly ClusterObject[]): Map<string, number> {
  const restarts = new Map<string, number>();
  for (const pod of pods) {
    for (const status of containerStatuses(pod)) {
      restarts.set(restartKey(pod, textAt(status, "name")), numberAt(status, 0, "restartCount"));
    }
  }
  return restarts;
}

const restartKey = (pod: ClusterObject, container: string) => `${pod.metadata.uid ?? pod.metadata.name}/${container}`;

function containerStatuses(pod: ClusterObject): Json[] {
  return [...listAt(pod.status, "initContainerStatuses"), ...listAt(pod.status, "containerStatuses")];
}

// Init containers that restart always are sidecars: they run beside the others and must be ready too.
function containersToBeReady(pod: ClusterObject): string[] {
  const sidecars = listAt(pod.spec, "initContainers").filter((entry) => textAt(entry, "restartPolicy") === "Always");
  return [...sidecars, ...listAt(pod.spec, "containers")].map((entry) => textAt(entry, "name"));
}

function isReady(status: Json): boolean {
  return status !== null && typeof status === "object" && !Array.isArray(status) && status["ready"] === true;
}

function waitingFor(status: Json | undefined): string {
  if (status === undefined) return "not started";
  const waiting = textAt(status, "state", "waiting", "reason");
  if (waiting !== "") return waiting;
  const ended = textAt(status, "state", "terminated", "reason");
  return ended === "" ? "running, not ready yet" : `ended: ${ended}${lastExit(status)}`;
}

function lastExit(status: Json): string {
  for (const state of ["state", "lastState"]) {
    const code = numberAt(status, -1, state, "terminated", "exitCode");
    if (code >= 0) {
      const reason = textAt(status, state, "terminated", "reason");
      return ` (exit code ${code}${reason === "" ? "" : `, ${reason}`}, ${numberAt(status, 0, "restartCount")} restarts)`;
    }
  }
  return "";
}
