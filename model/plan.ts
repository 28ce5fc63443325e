import { intermediateStops, oldestRunning, type Move } from "./skew.ts";
import { directionOf, type Direction } from "./direction.ts";
import { rollbackLimits } from "./rollback-limits.ts";
import { expectedDurations } from "./expected-duration.ts";
import { chooseAttempts, type LedgerSummary } from "./ledger-summary.ts";
import type { Page } from "./ledger.ts";
import type { ResolvedService } from "./service.ts";
import type { StepKind } from "./step.ts";

/** What the plan needs to know of a service; a ResolvedService fits. */
export type PlannedService = Pick<
  ResolvedService,
  "name" | "role" | "releaseSet" | "digest" | "steps" | "schemaClass" | "schemaVersion" | "customObjects"
>;

export interface PlanInput {
  releaseSet: string;
  /** Digest over all services. */
  targetDigest: string;
  /** In upgrade order. */
  services: readonly PlannedService[];
  /** The platform's own steps before the first service. */
  platformSteps?: readonly StepKind[];
  /** False: the platform can jump over any number of releases (no N-2). Default true. */
  limitedSkew?: boolean;
  /** Release sets, oldest first. */
  releaseOrder: readonly string[];
  summary: LedgerSummary;
  /** The ledger, for expected durations; may be empty. */
  pages: readonly Page[];
}

/** One step of the plan. */
export interface PlannedStep {
  /** Null for preflight and finish. */
  service: string | null;
  step: StepKind;
  runs: boolean;
  /** Why it runs or does not, in words. */
  reason: string;
  /** Median of past receipts in milliseconds; null when none is known or the step does not run. */
  expectedMilliseconds: number | null;
}

/** What one `up` will do, before it does it. */
export interface Plan {
  releaseSet: string;
  attempt: string;
  nothingToDo: boolean;
  directions: { service: string; from: string | null; to: string; direction: Direction }[];
  /** Release sets that must be run and verified first (N-2); empty when none. */
  stops: string[];
  /** In the order in which they run. */
  steps: PlannedStep[];
  /** Sum of the known durations in milliseconds; null when a step that runs was never measured. */
  expectedMilliseconds: number | null;
  /** What a rollback would not take back, one sentence each. */
  rollbackLeaves: string[];
}

/** Computes the plan; pure. Durations in milliseconds. */
export function makePlan(input: PlanInput): Plan {
  const { summary, services, releaseOrder } = input;
  const attempts = chooseAttempts(summary, services.map(targetOf), input.targetDigest);
  const moves: Move[] = services.map((service) => ({
    service: service.name,
    from: summary.lastVerified.get(service.name)?.releaseSet ?? null,
    to: service.releaseSet,
  }));
  const oldest = oldestRunning(moves, releaseOrder);
  const pending = services.filter((service) => summary.verified.get(service.name)?.digest !== service.digest);
  const duration = expectedDurations(input.pages);
  const kept = keptBackups(input);
  const platformStep = (step: StepKind): PlannedStep => ({
    service: null,
    step,
    runs: !attempts.nothingToDo,
    reason: attempts.nothingToDo ? "everything is verified at these digests" : `attempt ${attempts.platform}`,
    expectedMilliseconds: attempts.nothingToDo ? null : duration(null, step),
  });
  const steps = [
    platformStep("preflight"),
    ...(input.platformSteps ?? []).map(platformStep),
    ...services.flatMap((service) =>
      service.steps.map((step): PlannedStep => {
        const judged = judgeStep(service, step, pending.includes(service), kept, summary);
        return {
          service: service.name,
          step,
          ...judged,
          expectedMilliseconds: judged.runs ? duration(service.name, step) : null,
        };
      }),
    ),
    platformStep("finish"),
  ];
  return {
    releaseSet: input.releaseSet,
    attempt: attempts.platform,
    nothingToDo: attempts.nothingToDo,
    directions: moves.map((move) => ({ ...move, direction: directionOf(move.from, move.to, releaseOrder) })),
    stops:
      oldest === null || input.limitedSkew === false ? [] : intermediateStops(oldest, input.releaseSet, releaseOrder),
    steps,
    expectedMilliseconds: totalOf(steps),
    rollbackLeaves: pending.flatMap(rollbackLimits),
  };
}

function targetOf(service: PlannedService): { service: string; releaseSet: string; digest: string } {
  return { service: service.name, releaseSet: service.releaseSet, digest: service.digest };
}

function judgeStep(
  service: PlannedService,
  step: StepKind,
  pending: boolean,
  kept: ReadonlyMap<string, string>,
  summary: LedgerSummary,
): { runs: boolean; reason: string } {
  const before = summary.verified.get(service.name);
  if (!pending) return { runs: false, reason: `verified at this digest by attempt ${before?.attempt ?? "?"}` };
  const backup = kept.get(service.name);
  if (step === "backup" && backup !== undefined) {
    return { runs: true, reason: `re-reads the backup of attempt ${backup} and keeps it when it is good` };
  }
  if (before !== undefined) return { runs: true, reason: `changed since ${before.releaseSet} was verified` };
  return {
    runs: true,
    reason: summary.lastVerified.has(service.name) ? "not verified since its last change" : "never verified",
  };
}

/** Attempt of the good backup per service that the open run towards this target already has. */
function keptBackups(input: PlanInput): Map<string, string> {
  const kept = new Map<string, string>();
  const run = input.summary.openRun;
  if (run === null || run.targetDigest !== input.targetDigest) return kept;
  for (const receipt of run.receipts) {
    if (receipt.step !== "backup" || receipt.service === null) continue;
    if (receipt.verdict === "passed") kept.set(receipt.service, receipt.attempt);
  }
  return kept;
}

function totalOf(steps: readonly PlannedStep[]): number | null {
  let total = 0;
  for (const step of steps) {
    // The Helm release itself is a Pulumi resource: it leaves no receipt and takes well under a second.
    if (!step.runs || step.step === "release") continue;
    if (step.expectedMilliseconds === null) return null;
    total += step.expectedMilliseconds;
  }
  return total;
}
