import { cutReceipt } from "../clients/ledger-size.ts";
import type { Receipt } from "../model/step.ts";

// Pulumi and terminals cope badly with longer lines (design.md 3).
const longestLine = 8 * 1024 - 64;

/** The receipt as the one JSON line that a step prints on stdout; evidence beyond 8 KiB is cut and counted. */
export function receiptLine(receipt: Receipt): string {
  return `${JSON.stringify(cutReceipt(receipt, longestLine))}\n`;
}
