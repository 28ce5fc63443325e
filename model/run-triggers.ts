import { targetDigest } from "./digest.ts";
import { chooseAttempts, summarize, type LedgerSummary, type VerifiedService } from "./ledger-summary.ts";
import type { Page } from "./ledger.ts";
import type { ResolvedService } from "./service.ts";

/** What a run aims at. */
export interface RunTarget {
  releaseSet: string;
  digest: string;
}

/** What a step is triggered by and told about its run. */
export interface RunTrigger {
  attempt: string;
  target: RunTarget;
}

/** What one service is triggered by. */
export interface ServiceTrigger extends RunTrigger {
  releaseSet: string;
  /** How often its Helm release was unlocked by recover; a change makes Pulumi upgrade the release again. */
  recoveries: number;
}

/** Triggers of the whole graph. */
export interface RunTriggers {
  /** Of preflight and finish. */
  platform: RunTrigger;
  /** Per service; `releaseSet` is the one named to its steps and in its Helm description. */
  services: Map<string, ServiceTrigger>;
  /** What each service was verified at before this run: where it can go back to. */
  verifiedBefore: Map<string, VerifiedService>;
  nothingToDo: boolean;
}

/**
 * Chooses the triggers of all steps from the ledger (null: could not be read, every attempt is `unknown`). A service that
 * stands verified keeps the request of the run that verified it, word for word: otherwise a change of another service
 * would show up as an update of this one's steps.
 */
export function chooseTriggers(
  pages: readonly Page[] | null,
  services: readonly ResolvedService[],
  releaseSet: string,
): RunTriggers {
  const target = { releaseSet, digest: targetDigest(releaseSet, services) };
  if (pages === null) {
    const unread = { attempt: "unknown", target };
    return {
      platform: unread,
      services: new Map(
        services.map((service) => [service.name, { ...unread, releaseSet: service.releaseSet, recoveries: 0 }]),
      ),
      verifiedBefore: new Map(),
      nothingToDo: false,
    };
  }
  const summary = summarize(pages);
  const targets = services.map(({ name, releaseSet: set, digest }) => ({ service: name, releaseSet: set, digest }));
  const attempts = chooseAttempts(summary, targets, target.digest);
  return {
    platform: { attempt: attempts.platform, target },
    services: new Map(
      services.map((service) => {
        const attempt = attempts.services.get(service.name) ?? attempts.platform;
        return [service.name, serviceTrigger(service, attempt, target, summary, pages)];
      }),
    ),
    verifiedBefore: verifiedBefore(pages, attempts.platform),
    nothingToDo: attempts.nothingToDo,
  };
}

function serviceTrigger(
  service: ResolvedService,
  attempt: string,
  target: RunTarget,
  summary: LedgerSummary,
  pages: readonly Page[],
): ServiceTrigger {
  const recoveries = summary.recoveries.get(service.helmRelease) ?? 0;
  const verified = summary.verified.get(service.name);
  if (verified === undefined || verified.attempt !== attempt) {
    return { attempt, target, releaseSet: service.releaseSet, recoveries };
  }
  return { attempt, target: targetOfRun(pages, attempt) ?? target, releaseSet: verified.releaseSet, recoveries };
}

function targetOfRun(pages: readonly Page[], attempt: string): RunTarget | null {
  const page = pages.find((candidate) => candidate.number === runNumber(attempt));
  const begun = page?.entries.find((entry) => entry.kind === "attempt");
  return begun?.kind === "attempt" ? { releaseSet: begun.releaseSet, digest: begun.targetDigest } : null;
}

// Counted from the run of the platform's attempt, so that a no-op tells the same as the run that it repeats.
function verifiedBefore(pages: readonly Page[], attempt: string): Map<string, VerifiedService> {
  return summarize(pages.filter((page) => page.number < runNumber(attempt))).lastVerified;
}

function runNumber(attempt: string): number {
  return Number(attempt.split(".")[0]);
}
