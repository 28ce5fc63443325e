import { summarize } from "../../model/ledger-summary.ts";
import type { Outcome, StepContext } from "../context.ts";

/**
 * While services go back or are removed nothing is stopped, saved or copied anew: what a rollback needs was saved before the upgrade, and a
 * backup taken now would hold the state that is being left. Null: the step has work to do.
 */
export async function skippedOnTheWayBack(context: StepContext): Promise<Outcome | null> {
  const { operation } = summarize(await (await context.ledger()).pages());
  if (operation === null || !["rollback", "uninstall"].includes(operation.operation)) return null;
  return {
    verdict: "skipped",
    summary: `not needed in a ${operation.operation} (${operation.id}): what was saved before the upgrade is kept`,
  };
}
