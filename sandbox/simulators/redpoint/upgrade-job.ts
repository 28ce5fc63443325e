import { ContainerFailed, type Application, type Stage } from "../application.ts";
import { environmentOf } from "./environment.ts";

const pollMilliseconds = 300;

/** Plays the pod of the chart's upgrade Job: calls the deployment API once and judges the answer as the vendor's script does. */
export class UpgradeJob implements Application {
  readonly finishes = true;
  private readonly urlOf: (key: string) => string | undefined;

  /** `urlOf`: address of a simulated Service by `<namespace>/<name>`. */
  constructor(urlOf: (key: string) => string | undefined) {
    this.urlOf = urlOf;
  }

  async start(stage: Stage): Promise<void> {
    const environment = await environmentOf(stage.api, stage.pod);
    const [service = ""] = (environment["DEPLOYMENT_API"] ?? "").split(":");
    const url = await this.readyApi(stage, service, environment["HEALTH_PATH"] ?? "");
    stage.note("Calling upgrade endpoint...");
    const response = await fetch(`${url}${environment["UPGRADE_PATH"] ?? ""}`, {
      headers: { accept: "text/plain" },
    }).catch(() => null);
    const body = (await response?.text()) ?? "";
    stage.log(body);
    if (response?.ok === true && body.includes('"LastRunComplete"') && body.includes("Upgrade Complete")) return;
    throw new ContainerFailed("Database upgrade failed");
  }

  metrics(): null {
    return null;
  }

  facts(): Record<string, string | number | null> {
    return {};
  }

  private async readyApi(stage: Stage, service: string, healthPath: string): Promise<string> {
    for (;;) {
      const url = this.urlOf(`${stage.pod.metadata.namespace}/${service}`);
      const health = url === undefined ? null : await fetch(`${url}${healthPath}`).catch(() => null);
      if (url !== undefined && health?.ok === true) return url;
      await stage.pause(pollMilliseconds);
    }
  }
}
