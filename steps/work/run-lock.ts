import type { Kubernetes } from "../../clients/contracts.ts";
import { judgeHolder, type HolderJudgement } from "../../model/lease.ts";
import { runLock } from "./lease-store.ts";
import { thisMachine } from "./machine.ts";

/** Whether and by whom a stack is locked, without touching it. */
export async function readRunLock(
  kubernetes: Kubernetes,
  lock: { namespace: string; stack: string },
): Promise<HolderJudgement> {
  return judgeHolder(await runLock(kubernetes, lock).read(), thisMachine(), Date.now());
}
