import { metric, type Application, type Stage } from "../application.ts";

/** Age at which stale snapshots begin, seconds: far above what any gate allows. */
const staleSeconds = 3600;

/** Plays the GIM Config Adapter: writes a snapshot of the configuration now and then. */
export class GcaApplication implements Application {
  private firstSnapshot = Date.now();

  async start(stage: Stage): Promise<void> {
    this.firstSnapshot = Date.now();
    stage.note("snapshot of the configuration written");
  }

  metrics(stage: Stage): string {
    const fault = stage.faults.find(stage.pod, "snapshotsStale");
    const now = Date.now();
    const fresh = ((now - this.firstSnapshot) % stage.timings.snapshot) / 1000;
    return metric("gca_snapshot_age_seconds", fault === undefined ? fresh : staleSeconds + (now - fault.since) / 1000);
  }

  facts(): Record<string, number | null> {
    return {};
  }
}

/** Plays the exporter of a monitoring chart: a pod that runs. */
export class ExporterApplication implements Application {
  async start(stage: Stage): Promise<void> {
    stage.note("exporter started");
  }

  metrics(): null {
    return null;
  }

  facts(): Record<string, number | null> {
    return {};
  }
}
