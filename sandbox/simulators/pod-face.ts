import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, type ClusterApi } from "./cluster-api.ts";
import type { Pod } from "./pod.ts";
import { PodLog, publishDebugging } from "./pod-log.ts";
import { running, statusPatch, type Appearance, type ContainerState } from "./pod-status.ts";

const reconnectMilliseconds = 300;

/** How one pod looks from outside: its status, log and events. */
export class PodFace {
  readonly pod: Pod;
  readonly api: ClusterApi;
  readonly log: PodLog;
  readonly events: { at: string; text: string }[] = [];
  readonly podIP: string;
  restarts: number;
  startedAt = new Date().toISOString();
  private readonly gone: AbortSignal;

  /** `gone` aborts when the pod is deleted. */
  constructor(api: ClusterApi, pod: Pod, directory: string, podIP: string, gone: AbortSignal) {
    this.api = api;
    this.pod = pod;
    this.log = new PodLog(directory, pod);
    this.podIP = pod.status?.podIP ?? podIP;
    this.restarts = pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
    this.gone = gone;
  }

  /** One line in the log and in `/state`. */
  note(text: string): void {
    this.events.push({ at: new Date().toISOString(), text });
    this.log.write(text);
  }

  /** Reports all containers as running. */
  async showRunning(ready: boolean): Promise<void> {
    await this.show("Running", running(this.startedAt, ready, this.restarts));
  }

  /** Reports a status; tries again while the API server can't be reached. Rejects with `ApiError`. */
  async show(phase: Appearance["phase"], container: ContainerState | null, unschedulable?: string): Promise<void> {
    const look = { phase, container, podIP: this.podIP, ...(unschedulable === undefined ? {} : { unschedulable }) };
    const patch = statusPatch(this.pod, look, new Date().toISOString());
    const { name, namespace } = this.pod.metadata;
    for (;;) {
      try {
        return await this.api.patch(`/api/v1/namespaces/${namespace}/pods/${name}/status`, patch);
      } catch (error) {
        if (error instanceof ApiError || this.gone.aborted) throw error;
        await sleep(reconnectMilliseconds, undefined, { signal: this.gone });
      }
    }
  }

  /** Makes `kubectl logs` and `kubectl exec` work. */
  async publish(simulatorUrl: string): Promise<void> {
    await publishDebugging(this.api, this.pod, this.log, simulatorUrl);
  }
}
