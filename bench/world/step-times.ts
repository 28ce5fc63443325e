import type { LedgerStore } from "../../clients/ledger-store.ts";
import type { Receipt } from "../../model/step.ts";

/** Where the time of a run went, from its receipts; milliseconds. */
export interface StepTimes {
  /** How much longer than every other gate beside it the lag gate took: its window. */
  lagWindowMilliseconds: number;
  /** Preflight and finish. */
  platformMilliseconds: number;
  /** Sum per kind of step, for people. */
  summary: string;
}

/** Reads the receipts of the newest run. */
export async function stepsOfLastRun(ledger: LedgerStore): Promise<StepTimes> {
  const pages = await ledger.pages();
  const receipts = (pages.at(-1)?.entries ?? []).flatMap((entry) => (entry.kind === "receipt" ? [entry.receipt] : []));
  const sums = new Map<string, number>();
  for (const { step, durationMilliseconds } of receipts) {
    sums.set(step, (sums.get(step) ?? 0) + durationMilliseconds);
  }
  return {
    lagWindowMilliseconds: Math.max(0, ...receipts.map(windowOf)),
    platformMilliseconds: (sums.get("preflight") ?? 0) + (sums.get("finish") ?? 0),
    summary: [...sums].map(([step, milliseconds]) => `${step} ${Math.round(milliseconds)}`).join(", "),
  };
}

// Pods gates come first, the others run side by side after them.
function windowOf({ gates }: Receipt): number {
  const lag = gates.find((gate) => gate.kind === "metric");
  if (lag === undefined) return 0;
  const beside = gates.filter((gate) => gate.kind !== "metric" && gate.kind !== "pods");
  return lag.durationMilliseconds - Math.max(0, ...beside.map((gate) => gate.durationMilliseconds));
}
