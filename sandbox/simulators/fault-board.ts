import { z } from "zod";
import type { Fault } from "../contracts.ts";
import { redpointServices } from "./redpoint/services.ts";
import { applicationOf, imageTagOf, releaseOf, type Pod } from "./pod.ts";

export type FaultName = Fault["fault"];
/** Faults that decide what a pod looks like; the first that matches counts. */
const stateFaults: readonly FaultName[] = ["unschedulable", "imagePullError", "crashLoop", "neverReady"];

// Typed by the contract, so that a new fault there is a compile error here.
const names: Record<FaultName, true> = {
  slow: true,
  crashLoop: true,
  imagePullError: true,
  neverReady: true,
  unschedulable: true,
  migrationErrorOnce: true,
  migrationErrorAlways: true,
  growingLag: true,
  metricsAbsent: true,
  failedJobSteps: true,
  checkpointsStalled: true,
  snapshotsStale: true,
  slowFirstJob: true,
  upgradeSlow: true,
  upgradeAnswersLate: true,
  upgradeErrorBeforeWork: true,
  upgradeErrorAfterWork: true,
  upgradeFails: true,
  upgradeOldStatus: true,
  upgradeConnectionCut: true,
  upgradeConnectionCutAndStopped: true,
  upgradeWrongVersion: true,
  licenceRefused: true,
};
const faultsSchema = z.array(
  z.strictObject({
    application: z.enum(["gim", "gsp", "gca", ...redpointServices]),
    namespace: z.string().optional(),
    release: z.string().optional(),
    imageTag: z.string().optional(),
    fault: z.enum(Object.keys(names)),
    milliseconds: z.number().nonnegative().optional(),
  }),
);

/** Faults from JSON text; throws when there is one that no simulator knows. */
export function parseFaults(text: string): Fault[] {
  return faultsSchema.parse(JSON.parse(text)) as Fault[];
}

/** True when a fault concerns a pod. */
export function concerns(fault: Fault, pod: Pod): boolean {
  return (
    fault.application === applicationOf(pod) &&
    (fault.namespace === undefined || fault.namespace === pod.metadata.namespace) &&
    (fault.release === undefined || fault.release === releaseOf(pod)) &&
    (fault.imageTag === undefined || fault.imageTag === imageTagOf(pod))
  );
}

interface ActiveFault extends Fault {
  /** Milliseconds since the epoch when it was set. */
  since: number;
  /** What "once" faults have already hit: `<namespace>/<release>`. */
  spent: Set<string>;
}

/** The faults that are on; one per process. */
export class FaultBoard {
  private active: ActiveFault[] = [];
  private readonly listeners = new Set<() => void>();

  /** Replaces all faults. A fault that was on before, with equal fields, goes on with its history. */
  set(faults: readonly Fault[]): void {
    const before = this.active;
    this.active = faults.map((fault) => {
      const same = before.find((candidate) => key(candidate) === key(fault));
      return same ?? { ...fault, since: Date.now(), spent: new Set<string>() };
    });
    for (const listener of this.listeners) listener();
  }

  /** The fault of this kind that concerns the pod. */
  find(pod: Pod, name: FaultName): (Fault & { since: number }) | undefined {
    return this.active.find((fault) => fault.fault === name && concerns(fault, pod));
  }

  /** The fault that decides what the pod looks like. */
  stateFault(pod: Pod): FaultName | null {
    return stateFaults.find((name) => this.find(pod, name) !== undefined) ?? null;
  }

  /** True the first time for each release, then false: for faults that happen once. */
  spend(pod: Pod, name: FaultName): boolean {
    const fault = this.active.find((candidate) => candidate.fault === name && concerns(candidate, pod));
    const victim = `${pod.metadata.namespace}/${releaseOf(pod)}`;
    if (fault === undefined || fault.spent.has(victim)) return false;
    fault.spent.add(victim);
    return true;
  }

  /** Additional milliseconds that a fault asks for; `otherwise` when it names none; 0 when it is off. */
  delay(pod: Pod, name: FaultName, otherwise: number): number {
    const fault = this.find(pod, name);
    return fault === undefined ? 0 : (fault.milliseconds ?? otherwise);
  }

  /** Calls back after every change; returns what ends it. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function key(fault: Fault): string {
  return JSON.stringify([
    fault.application,
    fault.namespace,
    fault.release,
    fault.imageTag,
    fault.fault,
    fault.milliseconds,
  ]);
}
