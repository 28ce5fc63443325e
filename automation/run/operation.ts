import type { LedgerStore } from "../../clients/ledger-contract.ts";
import type { OperationKind, OperationTarget } from "../../model/operation.ts";
import type { Verdict } from "../../model/verdict.ts";
import { operatorName } from "../identity.ts";

/**
 * Records that an operation of several runs begins, so that plain `pulumi up` and every step know of it; an unfinished run is closed as
 * failed first. Returns the operation's id.
 */
export async function beginOperation(
  ledger: LedgerStore,
  operation: { operation: OperationKind; targets: OperationTarget[]; reason: string; answersRun: number | null },
): Promise<string> {
  const closing = { kind: "closed", verdict: "failed", reason: `${operation.operation}: ${operation.reason}` } as const;
  await ledger.update((pages) =>
    pages.at(-1)?.open === true ? { bodies: [closing], page: "current", open: false } : null,
  );
  let id = "";
  await ledger.update((pages) => {
    id = `op-${(pages.at(-1)?.number ?? 0) + 1}`;
    return { bodies: [{ kind: "operation", id, by: operatorName(), ...operation }], page: "new", open: false };
  });
  return id;
}

/** Records that it has ended. */
export async function endOperation(ledger: LedgerStore, id: string, verdict: Verdict, reason: string): Promise<void> {
  await ledger.append({ kind: "operationEnded", id, verdict, reason });
}
