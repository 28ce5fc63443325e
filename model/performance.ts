import type { StackSettings } from "./stack-settings.ts";
import type { Verdict } from "./verdict.ts";

export type PerformanceRule = StackSettings["performance"][number];

/** One figure of one service: a rule may name a role, and then counts for each of its services. */
export interface PerformanceFigure {
  /** Name in the ledger's baseline: the rule's name, with the service behind it where the rule has several. */
  key: string;
  service: string;
  rule: PerformanceRule;
}

/** The figures to ask for, in the order of the rules. `rule.service` is a service's name or a role. */
export function figuresOf(
  rules: readonly PerformanceRule[],
  services: readonly { name: string; role: string }[],
): PerformanceFigure[] {
  return rules.flatMap((rule) => {
    const meant = services.filter((service) => service.name === rule.service || service.role === rule.service);
    return meant.map(({ name }) => ({
      key: meant.length === 1 ? rule.name : `${rule.name}/${name}`,
      service: name,
      rule,
    }));
  });
}

/**
 * Judges one figure. `now`: null when Prometheus gave no number. `before`: the baseline's, null when there is none.
 * Absolute limits count always; without a baseline the question "worse than before?" stays open (`inconclusive`).
 */
export function judgeFigure(
  rule: PerformanceRule,
  figures: { now: number | null; before: number | null },
): { verdict: Verdict; summary: string } {
  const { now, before } = figures;
  const { name, maximum, minimum, tolerancePercent, worse } = rule;
  if (now === null || Number.isNaN(now)) return { verdict: "errored", summary: `${name}: no figure` };
  const is = `${name} is ${short(now)}`;
  if (maximum !== undefined && now > maximum)
    return { verdict: "failed", summary: `${is}, at most ${short(maximum)} allowed` };
  if (minimum !== undefined && now < minimum)
    return { verdict: "failed", summary: `${is}, at least ${short(minimum)} wanted` };
  if (tolerancePercent === undefined) return { verdict: "passed", summary: `${is}, within its limits` };
  if (before === null) return { verdict: "inconclusive", summary: `${is}; no baseline to compare it with` };
  const slack = (Math.abs(before) * tolerancePercent) / 100;
  const limit = worse === "higher" ? before + slack : before - slack;
  const isWorse = worse === "higher" ? now > limit : now < limit;
  const compared = `${is}, was ${short(before)} (${worse} is worse, ${tolerancePercent} % tolerated)`;
  return { verdict: isWorse ? "failed" : "passed", summary: compared };
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
