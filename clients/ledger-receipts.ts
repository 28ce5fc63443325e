import type { Page } from "../model/ledger.ts";
import type { Receipt, StepKind } from "../model/step.ts";

/** Receipts of one service's step, oldest first, that its present state still rests on: since it was last verified. */
export function receiptsSinceVerified(pages: readonly Page[], service: string, step: StepKind): Receipt[] {
  let since: Receipt[] = [];
  for (const page of [...pages].sort((a, b) => a.number - b.number)) {
    for (const entry of page.entries) {
      if (entry.kind !== "receipt" || entry.receipt.service !== service) continue;
      if (entry.receipt.step === "verify" && entry.receipt.verdict === "passed") since = [];
      else if (entry.receipt.step === step) since.push(entry.receipt);
    }
  }
  return since;
}

/** Receipts of one service's step in the open run, oldest first. */
export function receiptsOfOpenRun(pages: readonly Page[], service: string, step: StepKind): Receipt[] {
  const open = pages.find((page) => page.open);
  return (open?.entries ?? []).flatMap((entry) =>
    entry.kind === "receipt" && entry.receipt.service === service && entry.receipt.step === step ? [entry.receipt] : [],
  );
}
