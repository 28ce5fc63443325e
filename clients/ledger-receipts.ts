import type { Page } from "../model/ledger.ts";
import { summarize } from "../model/ledger-summary.ts";
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

/** Receipts of one service's step in the open run, oldest first. `service` null: of the platform's own step. */
export function receiptsOfOpenRun(pages: readonly Page[], service: string | null, step: StepKind): Receipt[] {
  return receiptsOn(
    pages.filter((page) => page.open),
    service,
    step,
  );
}

/** The same over all runs of the operation that is under way (an installation takes one run per service), else of the open run. */
export function receiptsOfOperation(pages: readonly Page[], service: string | null, step: StepKind): Receipt[] {
  return receiptsOn(pagesOfOperation(pages), service, step);
}

/** The pages of the operation that is under way, oldest first; without one, the open page. */
export function pagesOfOperation(pages: readonly Page[]): Page[] {
  const sorted = [...pages].sort((a, b) => a.number - b.number);
  const { operation } = summarize(sorted);
  const first = sorted.find(({ entries }) =>
    entries.some((entry) => entry.kind === "operation" && entry.id === operation?.id),
  );
  const from = operation === null ? undefined : first?.number;
  return sorted.filter((page) => page.open || (from !== undefined && page.number >= from));
}

function receiptsOn(pages: readonly Page[], service: string | null, step: StepKind): Receipt[] {
  return pages.flatMap(({ entries }) =>
    entries.flatMap((entry) =>
      entry.kind === "receipt" && entry.receipt.service === service && entry.receipt.step === step
        ? [entry.receipt]
        : [],
    ),
  );
}
