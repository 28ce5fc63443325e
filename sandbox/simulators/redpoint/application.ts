import { messageOf } from "../../../model/error.ts";
import type { RedpointService } from "../../contracts.ts";
import type { Application, Stage } from "../application.ts";
import { imageTagOf, type Pod } from "../pod.ts";
import { problem, type PodAnswer, type PodApi, type PodRequest } from "./answer.ts";
import { DeploymentApi } from "./deployment-api.ts";
import { environmentOf } from "./environment.ts";
import { nodeDoor } from "./node-door.ts";
import { publishPortForward } from "./port-forward.ts";
import { startContainerServer, type ContainerServer } from "./server.ts";
import { redpointService } from "./services.ts";
import { UpgradeJob } from "./upgrade-job.ts";

/** Addresses of the simulated Services in this process: `<namespace>/<service>`. */
const serviceUrls = new Map<string, string>();

/** What plays a pod of Redpoint's chart; null: not one of them. */
export function redpointApplication(application: string | undefined): Application | null {
  const service = redpointService(application);
  if (service !== undefined) return new RedpointApplication(service);
  if (application === "rpi-db-upgrade") return new UpgradeJob((key) => serviceUrls.get(key));
  return application === "rpi-cache" ? new Cache() : null;
}

/** Plays one service of Redpoint: a process with HTTP health, and the API that it has. */
export class RedpointApplication implements Application {
  private readonly service: RedpointService;
  private server: ContainerServer | null = null;
  private process = new AbortController();
  private api: PodApi | null = null;
  private begun = false;
  private requests = 0;

  constructor(service: RedpointService) {
    this.service = service;
  }

  async containerStarted(stage: Stage): Promise<void> {
    this.containerStopped();
    this.process = new AbortController();
    if (this.service === "rpi-deploymentapi") {
      const environment = await environmentOf(stage.api, stage.pod);
      this.api = new DeploymentApi(stage, environment, this.process.signal);
    }
    const { name, namespace } = stage.pod.metadata;
    const door = await nodeDoor(stage.api);
    this.server = await startContainerServer(
      (request) => this.answer(stage, request),
      (socket) => door.accepted(`${namespace}/${name}`, socket),
    );
    serviceUrls.set(`${namespace}/${this.service}`, this.server.url);
    stage.gone.addEventListener("abort", () => this.containerStopped(), { once: true });
    await publishPortForward(stage.api, stage.pod, this.server.port).catch((error: unknown) => {
      stage.note(`no port-forward to this pod: ${messageOf(error)}`);
    });
  }

  containerStopped(): void {
    this.begun = false;
    this.process.abort();
    this.server?.close();
    this.server = null;
  }

  /** Without a readiness probe, or with one that asks only whether the process lives (facts/domain.md A4). */
  readyWhenRunning(pod: Pod): boolean {
    const probe = pod.spec.containers[0]?.readinessProbe;
    return probe === undefined || probe.httpGet?.path === "/health/live";
  }

  async start(stage: Stage): Promise<void> {
    this.begun = true;
    stage.note(`${this.service} ${imageTagOf(stage.pod)} answers`);
  }

  metrics(): null {
    return null;
  }

  facts(): Record<string, string | number | null> {
    return { url: this.server?.url ?? null, requests: this.requests };
  }

  private async answer(stage: Stage, request: PodRequest): Promise<PodAnswer> {
    this.requests += 1;
    await new Promise((resolve) => setTimeout(resolve, stage.faults.delay(stage.pod, "slow", 1000)));
    if (request.path === "/health/live") return { status: 200, body: "Healthy" };
    const ready = this.begun && stage.faults.find(stage.pod, "neverReady") === undefined;
    if (request.path === "/health/ready") return { status: ready ? 200 : 503, body: ready ? "Healthy" : "Unhealthy" };
    if (!ready) return problem(503, "The service is starting.");
    if (this.service === "rpi-realtimeapi" && request.path === "/api/v2/system/version") {
      return { status: 200, body: { Version: imageTagOf(stage.pod) } };
    }
    return (await this.api?.answer(request)) ?? { status: 404, body: "" };
  }
}

/** Plays the Redis that chart 7.6 has for its execution service. */
class Cache implements Application {
  async start(stage: Stage): Promise<void> {
    stage.note("Ready to accept connections");
  }

  metrics(): null {
    return null;
  }

  facts(): Record<string, string | number | null> {
    return {};
  }
}
