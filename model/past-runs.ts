import type { Page, ServiceTarget } from "./ledger.ts";
import type { OperationKind } from "./operation.ts";
import type { Receipt } from "./step.ts";

/** A run of the ledger. */
export interface PastRun {
  number: number;
  operation: OperationKind;
  releaseSet: string;
  targets: ServiceTarget[];
  receipts: Receipt[];
}

/** All runs, oldest first. */
export function runsOf(pages: readonly Page[]): PastRun[] {
  return [...pages]
    .sort((a, b) => a.number - b.number)
    .flatMap((page) => {
      const begun = page.entries.find((entry) => entry.kind === "attempt");
      if (begun?.kind !== "attempt") return [];
      const receipts = page.entries.flatMap((entry) => (entry.kind === "receipt" ? [entry.receipt] : []));
      const { operation, releaseSet, targets } = begun;
      return [{ number: page.number, operation, releaseSet, targets, receipts }];
    });
}

/**
 * The last run, when it stopped the nodes of the release set before and then touched no service: taking it back means starting them again.
 * Null: there is nothing of that kind.
 */
export function quiescedRun(pages: readonly Page[]): PastRun | null {
  const run = runsOf(pages).at(-1);
  if (run === undefined || run.operation === "rollback") return null;
  const quiesced = run.receipts.some(({ step, verdict }) => step === "quiesce" && verdict !== "skipped");
  const touched = run.receipts.some(({ service }) => service !== null);
  return quiesced && !touched ? run : null;
}
