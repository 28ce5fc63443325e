import { setTimeout as sleep } from "node:timers/promises";
import { metric, type Application, type Stage } from "../application.ts";
import { HighAvailability } from "./high-availability.ts";

/** Checkpoints are written to the cluster at most this often, in milliseconds. */
const recordMilliseconds = 1000;

/** Plays a pod of GSP: the JobManager with its checkpoints, or a TaskManager. */
export class GspApplication implements Application {
  private readonly jobManager: boolean;
  private begun = false;
  private checkpoint = 0;
  private completed = 0;
  private restoredFrom: number | null = null;
  private restoredAt = -1;

  constructor(container: string) {
    this.jobManager = container === "jobmanager";
  }

  async start(stage: Stage): Promise<void> {
    if (!this.jobManager) return stage.note("TaskManager registered");
    const store = new HighAvailability(
      stage.api,
      stage.pod.metadata.namespace,
      stage.pod.metadata.labels?.app ?? "gsp",
    );
    this.restoredFrom = await store.lastCheckpoint();
    this.checkpoint = this.restoredFrom ?? 0;
    this.restoredAt = this.restoredFrom === null ? -1 : Date.now();
    await store.lead(stage.pod.metadata.name);
    stage.note(
      this.restoredFrom === null ? "job started without state" : `job restored from checkpoint ${this.restoredFrom}`,
    );
    if (!this.begun) void this.takeCheckpoints(stage, store);
    this.begun = true;
  }

  metrics(stage: Stage): string {
    const managers = stage.siblings().filter((pod) => pod.spec.containers[0]?.name === "taskmanager").length;
    if (!this.jobManager) return metric("flink_taskmanager_job_task_operator_KafkaConsumer_records_lag_max", 0);
    return [
      metric("flink_jobmanager_numRunningJobs", this.begun && managers > 0 ? 1 : 0),
      metric("flink_jobmanager_numRegisteredTaskManagers", managers),
      metric("flink_jobmanager_job_numberOfCompletedCheckpoints", this.completed),
      metric("flink_jobmanager_job_numberOfFailedCheckpoints", 0),
      metric("flink_jobmanager_job_lastCheckpointRestoreTimestamp", this.restoredAt),
      metric("flink_jobmanager_job_restoredCheckpointId", this.restoredFrom ?? -1),
    ].join("");
  }

  facts(): Record<string, number | null> {
    return this.jobManager ? { completedCheckpoints: this.completed, restoredFrom: this.restoredFrom } : {};
  }

  private async takeCheckpoints(stage: Stage, store: HighAvailability): Promise<void> {
    let recordedAt = 0;
    while (!stage.gone.aborted) {
      await sleep(stage.timings.checkpoint, undefined, { signal: stage.gone }).catch(() => undefined);
      if (stage.gone.aborted || stage.faults.find(stage.pod, "checkpointsStalled") !== undefined) continue;
      this.completed += 1;
      this.checkpoint += 1;
      if (Date.now() - recordedAt < recordMilliseconds) continue;
      recordedAt = Date.now();
      // A checkpoint that could not be recorded is simply not restored from.
      await store.record(this.checkpoint, "checkpoint").catch(() => undefined);
    }
  }
}

/** Plays the pre-upgrade hook's pod: takes a savepoint, then ends. */
export class SavepointApplication implements Application {
  readonly finishes = true;

  async start(stage: Stage): Promise<void> {
    const fullname = stage.pod.metadata.annotations?.["sandbox.cutover.dev/fullname"] ?? "gsp";
    const store = new HighAvailability(stage.api, stage.pod.metadata.namespace, fullname);
    const last = await store.lastCheckpoint();
    if (last === null) return stage.note("no job on record, no savepoint");
    await store.record(last + 1, "savepoint");
    stage.note(`savepoint ${last + 1} taken`);
  }

  metrics(): null {
    return null;
  }

  facts(): Record<string, number | null> {
    return {};
  }
}
