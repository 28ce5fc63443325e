import type { Page } from "./ledger.ts";
import type { OperationKind } from "./operation.ts";

/** What the latest attempt of a run does; null: the ledger has no such run. */
export function operationOfRun(pages: readonly Page[], run: number): OperationKind | null {
  const page = pages.find((candidate) => candidate.number === run);
  return page?.entries.findLast((entry) => entry.kind === "attempt")?.operation ?? null;
}
