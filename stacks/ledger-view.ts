import { openLedger, type LedgerAddress } from "../clients/ledger-store.ts";
import { describeError } from "../model/error.ts";
import type { Page } from "../model/ledger.ts";

// A preview must not hang on a cluster that drops packets.
const timeoutMilliseconds = 10_000;

/**
 * Reads the ledger once at the program's start, read-only, in previews too. When it cannot be read within 10 s, `warn`
 * gets the reason and the answer is null: every attempt is then `unknown` and preflight decides.
 */
export async function readLedger(address: LedgerAddress, warn: (text: string) => void): Promise<Page[] | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new Error(`no answer within ${timeoutMilliseconds / 1000} s`);
    timer = setTimeout(() => reject(error), timeoutMilliseconds);
  });
  try {
    return await Promise.race([openLedger(address).then((ledger) => ledger.pages()), late]);
  } catch (error) {
    warn(
      [
        `the ledger of ${address.stack} could not be read, so all steps count as not yet run`,
        ...describeError(error),
      ].join("\n"),
    );
    return null;
  } finally {
    clearTimeout(timer);
  }
}
