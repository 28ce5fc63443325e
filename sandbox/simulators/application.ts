import type { ClusterApi } from "./cluster-api.ts";
import type { FaultBoard } from "./fault-board.ts";
import type { Pod } from "./pod.ts";
import type { Timings } from "./settings.ts";

/** What an application's simulator may use while it plays one pod. */
export interface Stage {
  pod: Pod;
  api: ClusterApi;
  /** Folder of the simulators' process, for what must outlive it. */
  directory: string;
  faults: FaultBoard;
  timings: Timings;
  /** One line in the pod's log. */
  log(line: string): void;
  /** One line in the pod's log and in `/state`. */
  note(text: string): void;
  /** Milliseconds, lengthened by the fault `slow`; rejects when the pod goes away. */
  pause(milliseconds: number): Promise<void>;
  /** Aborts when the pod goes away or its container is restarted. */
  signal: AbortSignal;
  /** Aborts when the pod goes away. */
  gone: AbortSignal;
  /** Pods of the same application, namespace and release that run in this moment, this one included. */
  siblings(): readonly Pod[];
}

/** Thrown by `start` when the pod's container ends with an error and is not started again (a Job's pod). */
export class ContainerFailed extends Error {}

/** An application that a pod stands for. */
export interface Application {
  /** The container's process begins, or was there before this process (adopted). Before the pod is shown as running. */
  containerStarted?(stage: Stage): Promise<void>;
  /** The container's process ends; the pod stays. */
  containerStopped?(): void;
  /** True when nothing asks the application whether it is ready: the pod is Ready as soon as its container runs. */
  readyWhenRunning?(pod: Pod): boolean;
  /** Everything before the pod is Ready. `adopted`: the pod was Ready already when this process started. */
  start(stage: Stage, adopted: boolean): Promise<void>;
  /** Metrics in Prometheus' text format; null: serves none. */
  metrics(stage: Stage): string | null;
  /** For `/state`. */
  facts(): Record<string, string | number | null>;
  /** True when the pod ends successfully after `start` instead of becoming Ready. */
  finishes?: boolean;
}

/** A metric's line. Pod and namespace are labels of the Prometheus target, as with a real PodMonitor. */
export function metric(name: string, value: number, labels: Record<string, string> = {}): string {
  const inner = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
  return `${name}${inner.length === 0 ? "" : `{${inner.join(",")}}`} ${value}\n`;
}
