import { chain, genesisHash, type EntryBody, type Page } from "../../../model/ledger.ts";
import type { StepKind } from "../../../model/step.ts";
import type { Verdict } from "../../../model/verdict.ts";
import { planRollback, type RollbackPlan } from "../../../model/rollback.ts";

/** In upgrade order. */
export const order = ["gim", "gim-monitoring", "gsp", "gca"];

/** When every entry of a page was written. */
export const at = (number: number): string => `2026-11-${String(number).padStart(2, "0")}T00:00:00.000Z`;

/** One page; its entries are chained. */
export function page(number: number, bodies: EntryBody[], open = false): Page {
  let previous = genesisHash;
  const entries = bodies.map((body) => {
    const entry = chain(previous, at(number), body);
    previous = entry.hash;
    return entry;
  });
  return { stack: "s", number, open, entries };
}

/** When every entry of a page was written. */
/** A run begins, towards all services. */
export const attempt = (run: number, set: string, operation: "upgrade" | "rollback" = "upgrade"): EntryBody => ({
  kind: "attempt",
  attempt: `${run}.1`,
  owner: "o",
  operation,
  releaseSet: set,
  targetDigest: `t-${set}`,
  targets: order.map((service) => ({ service, releaseSet: set, digest: `${service}-${set}` })),
});
/** One step of one service. */
export const receipt = (
  run: number,
  service: string,
  step: StepKind,
  set: string,
  verdict: Verdict = "passed",
): EntryBody => ({
  kind: "receipt",
  digest: `${service}-${set}`,
  releaseSet: set,
  receipt: {
    step,
    service,
    verdict,
    summary: "",
    evidence: [],
    gates: [],
    facts: {},
    startedAt: "",
    durationMilliseconds: 1,
    toolVersion: "1",
    attempt: `${run}.1`,
  },
});
/** A run that verified every service. */
export const verifiedAll = (run: number, set: string, operation: "upgrade" | "rollback" = "upgrade"): Page =>
  page(run, [attempt(run, set, operation), ...order.map((service) => receipt(run, service, "verify", set))]);

/** A run in which the services up to `index` were verified and the next one failed. */
export const failedAt = (run: number, set: string, index: number): Page =>
  page(
    run,
    [
      attempt(run, set),
      ...order.slice(0, index).map((service) => receipt(run, service, "verify", set)),
      receipt(run, order[index] ?? "", "migrate", set),
      receipt(run, order[index] ?? "", "verify", set, "failed"),
    ],
    true,
  );

/** The plan, where there is one. */
export function planned(pages: Page[], request: Parameters<typeof planRollback>[2]): RollbackPlan {
  const plan = planRollback(pages, order, request);
  if ("reason" in plan) throw new Error(plan.detail);
  return plan;
}
