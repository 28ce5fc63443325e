import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../model/error.ts";
import { ContainerFailed, type Application, type Stage } from "./application.ts";
import { ApiError, type ClusterApi } from "./cluster-api.ts";
import type { FaultBoard, FaultName } from "./fault-board.ts";
import { wasReady, type Pod } from "./pod.ts";
import { PodFace } from "./pod-face.ts";
import { terminated } from "./pod-status.ts";
import { playCrashLoop, playPullError, playUnschedulable, untilAborted, waitForSecrets } from "./pod-troubles.ts";
import type { Timings } from "./settings.ts";

/** What all plays of the process share. */
export interface Theatre {
  api: ClusterApi;
  faults: FaultBoard;
  timings: Timings;
  directory: string;
  /** Address of the simulators' own HTTP server. */
  url: string;
  siblings(pod: Pod): readonly Pod[];
}

const restartMilliseconds = 500;

/** Plays the kubelet and the application of one pod, from "scheduled" until the pod is gone. */
export class PodPlay {
  readonly application: Application;
  readonly face: PodFace;
  readonly stage: Stage;
  private readonly theatre: Theatre;
  private readonly gone = new AbortController();
  private attempt = new AbortController();
  private containerRuns = false;
  private started = false;
  private ended: "succeeded" | "failed" | null = null;
  /** The fault that the present attempt plays. */
  private playing: FaultName | null = null;

  constructor(theatre: Theatre, pod: Pod, application: Application, podIP: string) {
    this.theatre = theatre;
    this.application = application;
    this.face = new PodFace(theatre.api, pod, theatre.directory, podIP, this.gone.signal);
    this.stage = this.makeStage();
  }

  get pod(): Pod {
    return this.face.pod;
  }

  /** waiting, starting, ready, succeeded, failed, or the fault that holds the pod. */
  get phase(): string {
    if (this.ended !== null) return this.ended;
    if (this.playing !== null) return this.playing;
    if (this.started) return "ready";
    return this.containerRuns ? "starting" : "waiting";
  }

  /** True while the container runs, so that it can be asked for metrics. */
  get serves(): boolean {
    return this.containerRuns && this.ended === null && (this.playing === null || this.playing === "neverReady");
  }

  /** The pod was deleted. */
  end(): void {
    this.gone.abort();
    this.attempt.abort();
  }

  /** Plays until `end`. Never rejects. */
  async run(): Promise<void> {
    const unsubscribe = this.theatre.faults.onChange(() => this.faultsChanged());
    void this.face.publish(this.theatre.url).catch((error: unknown) => {
      if (!this.gone.signal.aborted) this.face.note(`no kubectl logs and exec for this pod: ${messageOf(error)}`);
    });
    // Ready already: this process was started after the pod, which goes on as it is.
    let adopted = wasReady(this.pod);
    if (adopted) this.containerRuns = true;
    while (!this.gone.signal.aborted) {
      this.attempt = new AbortController();
      try {
        const resumed = adopted;
        adopted = false;
        await this.play(resumed);
      } catch (error) {
        if (this.attempt.signal.aborted) continue;
        if (error instanceof ApiError && error.status === 404) break;
        this.face.note(`container failed: ${messageOf(error)}`);
        this.face.restarts += 1;
        await sleep(restartMilliseconds, undefined, { signal: this.gone.signal }).catch(() => undefined);
      }
    }
    unsubscribe();
  }

  private async play(resumed: boolean): Promise<void> {
    const { signal } = this.attempt;
    const hard = this.hardFault();
    this.playing = hard;
    if (hard === "unschedulable") return playUnschedulable(this.face, signal);
    if (hard === "imagePullError") return playPullError(this.face, signal);
    if (hard === "crashLoop") {
      this.started = false;
      this.containerRuns = true;
      this.application.containerStopped?.();
      return playCrashLoop(this.face, signal);
    }
    if (!this.started) await this.start(resumed, signal);
    if (this.ended !== null) return untilAborted(this.gone.signal);
    this.playing = this.wantedFault() === "neverReady" ? "neverReady" : null;
    this.face.note(this.playing === null ? "Ready" : "readiness probe failed: HTTP 503");
    await this.face.showRunning(this.playing === null || this.readyWhenRunning);
    await untilAborted(signal);
  }

  private async start(resumed: boolean, signal: AbortSignal): Promise<void> {
    if (!resumed) {
      await waitForSecrets(this.face, signal);
      this.containerRuns = true;
      this.face.startedAt = new Date().toISOString();
      await this.application.containerStarted?.(this.stage);
      await this.face.showRunning(this.readyWhenRunning);
      this.face.note(`container started, image ${this.pod.spec.containers[0]?.image ?? ""}`);
      await this.stage.pause(this.theatre.timings.start);
    } else await this.application.containerStarted?.(this.stage);
    try {
      await this.application.start(this.stage, resumed);
    } catch (error) {
      if (!(error instanceof ContainerFailed)) throw error;
      this.face.note(error.message);
      return this.finish("Failed", 1);
    }
    this.started = true;
    if (this.application.finishes === true) await this.finish("Succeeded", 0);
  }

  private async finish(phase: "Succeeded" | "Failed", exitCode: number): Promise<void> {
    const state = terminated(exitCode, this.face.startedAt, new Date().toISOString());
    await this.face.show(phase, { state, ready: false, started: false, restartCount: this.face.restarts });
    this.face.note(phase === "Succeeded" ? "completed" : `ended with exit code ${exitCode}`);
    this.ended = exitCode === 0 ? "succeeded" : "failed";
  }

  private get readyWhenRunning(): boolean {
    return this.application.readyWhenRunning?.(this.pod) ?? false;
  }

  // A pod whose container has run can no longer fail to be scheduled or pulled.
  private wantedFault(): FaultName | null {
    const fault = this.theatre.faults.stateFault(this.pod);
    return this.containerRuns && (fault === "unschedulable" || fault === "imagePullError") ? null : fault;
  }

  private hardFault(): FaultName | null {
    const fault = this.wantedFault();
    return fault === "neverReady" ? null : fault;
  }

  // While the application starts, only a fault that takes the container down interrupts it.
  private faultsChanged(): void {
    if (this.ended !== null) return;
    const wanted = this.started ? this.wantedFault() : this.hardFault();
    if (wanted !== this.playing) this.attempt.abort();
  }

  private makeStage(): Stage {
    const { theatre } = this;
    const { api, directory, faults, timings } = theatre;
    const { pod, face } = this;
    const signal = (): AbortSignal => this.attempt.signal;
    return {
      pod,
      api,
      directory,
      faults,
      timings,
      log: (line) => face.log.write(line),
      note: (text) => face.note(text),
      pause: (milliseconds) => sleep(milliseconds + faults.delay(pod, "slow", 1000), undefined, { signal: signal() }),
      get signal() {
        return signal();
      },
      gone: this.gone.signal,
      siblings: () => theatre.siblings(pod),
    };
  }
}
