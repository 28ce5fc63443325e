import { setTimeout as sleep } from "node:timers/promises";
import { CutoverError } from "../../model/error.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { thisMachine } from "../../steps/work/machine.ts";
import { findBackend } from "../pulumi-backend.ts";
import { judgeLocks } from "../pulumi-locks.ts";
import { recover } from "../recover.ts";
import type { VerbContext } from "../verb.ts";
import type { Driver } from "./driver.ts";
import { orphanOf, takeRunLock, type HeldLock } from "./lock.ts";

/**
 * Locks the stack for one verb, brings it into a known state after a crash (with proof only), runs the work and gives the lock back.
 * Throws CUT-6120 when someone else works on the stack.
 */
export async function withDriver<Result>(
  context: VerbContext,
  stack: string,
  work: (driver: Driver) => Promise<Result>,
): Promise<Result> {
  const settings = context.settings(stack);
  const kubernetes = await context.kubernetes(stack);
  const ledger = await context.ledger(stack);
  const { ledgerNamespace: namespace } = settings.cluster;
  const purpose = `cutover ${process.argv.slice(2, 4).join(" ")}`;
  const lock = await takeRunLock(kubernetes, { namespace, stack }, purpose, () => {
    context.output.note("someone else has taken this stack's lock, because it was not renewed for too long");
    // As a first Ctrl-C: nothing new is begun beside the other driver.
    process.emit("SIGINT");
  });
  try {
    await settleCrash(context, stack, lock, summarize(await ledger.pages()).openRun !== null);
    return await work({ context, stack, settings, kubernetes, ledger, lock });
  } finally {
    await lock.release();
  }
}

/** After a dead driver: waits for the pulumi that it left running, then settles whatever else is left. */
async function settleCrash(context: VerbContext, stack: string, lock: HeldLock, unfinished: boolean): Promise<void> {
  const { output, root } = context;
  if (lock.tookOver !== null) output.note(`took the lock over from a dead driver: ${lock.tookOver.proof}`);
  const orphan = lock.tookOver === null ? null : orphanOf(lock.tookOver.holder);
  if (orphan !== null) await waitFor(context, orphan);
  const stale = await staleLocks(root, stack);
  if (!unfinished && stale === 0 && lock.tookOver === null) return;
  const done: string[] = [];
  const act = (line: string) => {
    done.push(line);
    output.note(`recovered: ${line}`);
  };
  // A stack that was never created has nothing to recover.
  try {
    await recover(root, stack, { say: () => undefined, act, done });
  } catch (error) {
    if (error instanceof CutoverError && error.details.code === "CUT-6010" && unfinished === false) return;
    throw error;
  }
}

async function waitFor(context: VerbContext, pid: number): Promise<void> {
  context.output.note(`its pulumi (pid ${pid}) still works on the stack: waiting until it has ended`);
  const lookMilliseconds = 200;
  while (thisMachine().processStart(pid) !== null && !context.signal.aborted) await sleep(lookMilliseconds);
}

async function staleLocks(root: string, stack: string): Promise<number> {
  try {
    return (await judgeLocks(await findBackend(root), root, stack)).length;
  } catch (error) {
    // A backend that keeps its locks itself says so when pulumi starts.
    if (error instanceof CutoverError && error.details.code === "CUT-6002") return 0;
    throw error;
  }
}
