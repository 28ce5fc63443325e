import type { Condition, Pod } from "./pod.ts";

/** State of all containers of a pod, as a kubelet reports it. */
export interface ContainerState {
  /** The `state` field: waiting, running or terminated. */
  state: Record<string, Record<string, unknown>>;
  lastState?: Record<string, Record<string, unknown>>;
  ready: boolean;
  started: boolean;
  restartCount: number;
}

/** What a pod looks like from outside. */
export interface Appearance {
  phase: "Pending" | "Running" | "Succeeded" | "Failed";
  container: ContainerState | null;
  /** Reason and message of an unscheduled pod. */
  unschedulable?: string;
  podIP: string;
}

/** A merge patch for `pods/status`. `now`: ISO 8601 in UTC. */
export function statusPatch(pod: Pod, look: Appearance, now: string): { status: Record<string, unknown> } {
  const ready = look.container?.ready ?? false;
  const done = look.phase === "Succeeded";
  const waitingFor = done ? "PodCompleted" : "ContainersNotReady";
  const scheduled = look.unschedulable === undefined;
  const conditions: Condition[] = [
    scheduled
      ? { type: "PodScheduled", status: "True" }
      : { type: "PodScheduled", status: "False", reason: "Unschedulable", message: look.unschedulable ?? "" },
    { type: "Initialized", status: "True" },
    ready
      ? { type: "ContainersReady", status: "True" }
      : { type: "ContainersReady", status: "False", reason: waitingFor },
    ready ? { type: "Ready", status: "True" } : { type: "Ready", status: "False", reason: waitingFor },
  ];
  return {
    status: {
      phase: look.phase,
      // A merge patch removes what is null: an unscheduled pod has no address and no containers.
      podIP: scheduled ? look.podIP : null,
      podIPs: scheduled ? [{ ip: look.podIP }] : null,
      startTime: pod.status?.startTime ?? now,
      conditions: conditions.map((condition) => ({
        ...condition,
        lastTransitionTime: transition(pod, condition, now),
      })),
      containerStatuses: look.container === null ? null : containerStatuses(pod, look.container),
    },
  };
}

function transition(pod: Pod, condition: Condition, now: string): string {
  const before = pod.status?.conditions?.find((candidate) => candidate.type === condition.type);
  return before?.status === condition.status ? (before.lastTransitionTime ?? now) : now;
}

function containerStatuses(pod: Pod, container: ContainerState): Record<string, unknown>[] {
  return pod.spec.containers.map(({ name, image }) => ({
    name,
    image,
    imageID: container.started ? `sandbox://${image}` : "",
    containerID: container.started ? `sandbox://${pod.metadata.uid}-${name}-${container.restartCount}` : "",
    ready: container.ready,
    started: container.started,
    restartCount: container.restartCount,
    state: container.state,
    lastState: container.lastState ?? {},
  }));
}

/** A container that waits: image pull errors, crash loops, missing Secrets. */
export function waiting(
  reason: string,
  message: string,
  restartCount = 0,
  lastState?: ContainerState["lastState"],
): ContainerState {
  return {
    state: { waiting: { reason, message } },
    ...(lastState === undefined ? {} : { lastState }),
    ready: false,
    started: false,
    restartCount,
  };
}

/** A running container, ready or not. `startedAt`: ISO 8601 in UTC. */
export function running(startedAt: string, ready: boolean, restartCount: number): ContainerState {
  return { state: { running: { startedAt } }, ready, started: true, restartCount };
}

/** The `terminated` part of a state. */
export function terminated(
  exitCode: number,
  startedAt: string,
  finishedAt: string,
): Record<string, Record<string, unknown>> {
  return { terminated: { exitCode, reason: exitCode === 0 ? "Completed" : "Error", startedAt, finishedAt } };
}
