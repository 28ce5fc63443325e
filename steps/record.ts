import { recordReceipt } from "../clients/ledger-run.ts";
import { describeError, messageOf } from "../model/error.ts";
import type { Receipt } from "../model/step.ts";
import type { StepContext } from "./context.ts";
import type { Finished } from "./outcome.ts";

/**
 * Records a finished step and returns the ledger's head after it. Nothing counts that is not recorded: a passed step whose
 * receipt cannot be stored becomes `errored`. `late`: see recordReceipt.
 */
export async function record(context: StepContext, finished: Finished, late: boolean): Promise<string> {
  try {
    const ledger = await context.ledger();
    const { close } = finished;
    const options = { late, ...(close === undefined ? {} : { close }) };
    const recorded = await recordReceipt(ledger, context.request, finished.receipt, options);
    if (!recorded.recorded) context.progress("not recorded: this run was refused before it began");
    return recorded.head;
  } catch (error) {
    finished.lines.push(...describeError(error));
    if (finished.exitCode === 0) spoil(finished.receipt, messageOf(error));
    finished.exitCode = 1;
    return "";
  }
}

function spoil(receipt: Receipt, why: string): void {
  receipt.evidence = [`was ${receipt.verdict}: ${receipt.summary}`, ...receipt.evidence];
  receipt.verdict = "errored";
  receipt.summary = `the receipt could not be recorded in the ledger: ${why}`;
}
