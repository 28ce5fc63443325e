import { log, RunError } from "@pulumi/pulumi";
import { describeError } from "../model/error.ts";
import { declareStack } from "./index.ts";
import { readLedger } from "./ledger-view.ts";

/** The Pulumi program. Errors reach the person as lines without a stack trace, unless CUTOVER_DEBUG is set. */
export async function main({ root }: { root: string }): Promise<Record<string, unknown>> {
  try {
    return await declareStack(root, (stack, cluster) => readLedger({ stack, cluster }, (text) => void log.warn(text)));
  } catch (error) {
    if (process.env["CUTOVER_DEBUG"] !== undefined) throw error;
    throw new RunError(describeError(error).join("\n"));
  }
}
