import type { OperationKind } from "../../model/operation.ts";
import type { JudgedSet } from "../../model/promotion-proof.ts";
import { skipped } from "./outcome.ts";
import type { CheckResult, PreflightContext } from "./contract.ts";

/**
 * Whether a guard has anything to say: not about a rollback, which is never blocked (nor another operation in `free`), and not when
 * nothing changes. Null: it has.
 */
export async function notGuarded(
  context: PreflightContext,
  free: readonly OperationKind[] = [],
): Promise<CheckResult | null> {
  const { operation } = (await context.ledger()).summary;
  if (operation?.operation === "rollback") return skipped("this is a rollback: it is never blocked");
  if (operation !== null && free.includes(operation.operation))
    return skipped(`not asked of an ${operation.operation}`);
  return (await context.pending()).length === 0 ? skipped("nothing is to change") : null;
}

/** The release sets that this run moves services to. */
export async function movedSets(context: PreflightContext): Promise<JudgedSet[]> {
  const names = [...new Set((await context.pending()).map((service) => service.releaseSet))];
  return names.flatMap((name) => {
    const set = context.spec.guards.releaseSets[name];
    // The program names every set that it takes a service from.
    if (set === undefined) throw new Error(`the program did not name the hash of ${name}`);
    return [{ name, ...set }];
  });
}
