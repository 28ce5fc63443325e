import { worstOf, type Verdict } from "../../model/verdict.ts";
import type { CheckRun } from "./run-checks.ts";

/** A line of the stack file's `cutover:overrides`. */
export interface Override {
  check: string;
  reason: string;
}

/** A check with its result after overrides. */
export interface JudgedCheck extends CheckRun {
  /** Reason of the override that let it pass; null when none was needed or allowed. */
  overriddenBecause: string | null;
  /** True when an override names it although it cannot be overridden. */
  refusedOverride: boolean;
}

export interface Judgement {
  checks: JudgedCheck[];
  verdict: Verdict;
  /** Overrides that really let a check pass; they go to the ledger. */
  usedOverrides: Override[];
}

/** Applies overrides: only to a check that did not pass, by its name, and never to one marked !. Pure. */
export function judge(runs: readonly CheckRun[], overrides: readonly Override[]): Judgement {
  const usedOverrides: Override[] = [];
  const checks = runs.map((run): JudgedCheck => {
    const stopped = run.result.verdict === "failed" || run.result.verdict === "errored";
    const override = stopped ? overrides.find((one) => one.check === run.check.name) : undefined;
    if (override === undefined) return { ...run, overriddenBecause: null, refusedOverride: false };
    if (!run.check.overridable) return { ...run, overriddenBecause: null, refusedOverride: true };
    usedOverrides.push({ check: override.check, reason: override.reason });
    return { ...run, overriddenBecause: override.reason, refusedOverride: false };
  });
  const verdict = worstOf(checks.map((one) => (one.overriddenBecause === null ? one.result.verdict : "passed")));
  return { checks, verdict, usedOverrides };
}

/** True when the run is stopped by this check. */
export function stops(check: JudgedCheck): boolean {
  return check.overriddenBecause === null && ["failed", "errored"].includes(check.result.verdict);
}
