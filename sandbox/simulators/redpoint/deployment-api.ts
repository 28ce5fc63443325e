import { setTimeout as sleep } from "node:timers/promises";
import type { RedpointFault } from "../../contracts.ts";
import type { Stage } from "../application.ts";
import { imageTagOf } from "../pod.ts";
import { problem, type PodAnswer, type PodApi, type PodRequest } from "./answer.ts";
import { licenceProblem, systemNameOf } from "./licence.ts";
import { changeState, readState, recordCall, type RedpointCall } from "./record.ts";
import { earlierRun, noRun, runBody, type DeploymentRun } from "./run.ts";
import { workOnUpgrade } from "./upgrade-work.ts";

const lateMilliseconds = 5000;
/** The run that the fault `upgradeOldStatus` shows where none was before. */
const oldRunAt = new Date("2026-02-03T04:05:06Z");

/** The deployment API of one container's life: upgrade, status, licence (facts/domain.md A2). */
export class DeploymentApi implements PodApi {
  private readonly stage: Stage;
  private readonly environment: Record<string, string>;
  private readonly stopped: AbortSignal;
  /** The run that this process began last. */
  private run: DeploymentRun | null = null;

  /** `stopped` aborts when the container's process ends. */
  constructor(stage: Stage, environment: Record<string, string>, stopped: AbortSignal) {
    this.stage = stage;
    this.environment = environment;
    this.stopped = stopped;
  }

  async answer({ method, path, query, body }: PodRequest): Promise<PodAnswer | null> {
    switch (`${method} ${path}`) {
      case "GET /api/deployment/upgrade":
        return this.upgrade(Number(query.get("waitTimeoutSeconds") ?? 0));
      case "GET /api/deployment/status":
        return { status: 200, body: runBody(this.shownRun()) };
      case "POST /api/licensing/activatelicense":
        return this.activate(body);
      case "GET /api/licensing/status":
        return { status: 200, body: { IsActivated: this.state.licence !== null } };
      default:
        return null;
    }
  }

  private get state(): ReturnType<typeof readState> {
    return readState(this.stage.directory, this.stage.pod.metadata.namespace);
  }

  // A run that a former process began and did not end is forgotten: its end is shown by nobody.
  private shownRun(): DeploymentRun {
    const last = this.state.lastRun ?? noRun("Pulse");
    if (!this.has("upgradeOldStatus")) return this.run ?? last;
    return this.run ?? (last.status === "LastRunComplete" ? last : this.oldRun());
  }

  private oldRun(): DeploymentRun {
    return earlierRun("Pulse", "6.6.23001", "6.7.24250", oldRunAt);
  }

  private async upgrade(waitSeconds: number): Promise<PodAnswer> {
    const { stage } = this;
    this.note("upgrade");
    stage.note(`GET /api/deployment/upgrade?waitTimeoutSeconds=${waitSeconds}`);
    if (this.has("upgradeErrorBeforeWork")) return problem(500, "A network-related error occurred.");
    const old = stage.faults.find(stage.pod, "upgradeOldStatus");
    if (old !== undefined) {
      const shown = this.shownRun();
      if (old.milliseconds !== undefined) {
        void sleep(old.milliseconds, undefined, { signal: this.stopped }).then(
          () => this.begin(),
          () => undefined,
        );
      }
      return { status: 200, body: runBody(shown) };
    }
    const { run, ended } = this.begin();
    if (this.has("upgradeConnectionCut")) return "cut";
    if (this.has("upgradeConnectionCutAndStopped")) {
      await ended;
      return "cut";
    }
    const late = stage.faults.delay(stage.pod, "upgradeAnswersLate", lateMilliseconds);
    const errorAfter = this.has("upgradeErrorAfterWork");
    await Promise.race([ended, errorAfter ? ended : sleep(waitSeconds * 1000, undefined, { ref: false })]);
    await sleep(late);
    return errorAfter ? problem(500, "The operation has timed out.") : { status: 200, body: runBody(run) };
  }

  private begin(): { run: DeploymentRun; ended: Promise<void> } {
    const run: DeploymentRun = { status: "InProgress", pulse: "Pulse", messages: [] };
    this.run = run;
    return { run, ended: workOnUpgrade(this.stage, this.environment, run, this.stopped) };
  }

  private activate(body: string): PodAnswer {
    this.note("activateLicence");
    const refused = this.has("licenceRefused") ? "The activation key has been revoked." : licenceProblem(body);
    if (refused !== null) return problem(400, refused);
    changeState(this.stage.directory, this.stage.pod.metadata.namespace, { licence: systemNameOf(body) });
    return { status: 200, body: { IsActivated: true } };
  }

  private has(fault: RedpointFault): boolean {
    return this.stage.faults.find(this.stage.pod, fault) !== undefined;
  }

  private note(request: RedpointCall["request"]): void {
    const { pod, directory } = this.stage;
    const { namespace, name } = pod.metadata;
    recordCall(directory, { at: new Date().toISOString(), namespace, pod: name, imageTag: imageTagOf(pod), request });
  }
}
