import { CutoverError } from "../../model/error.ts";
import { orphanOf, takeRunLock } from "../run/lock.ts";
import type { VerbContext } from "../verb.ts";

/**
 * Holds the stack's lock while the work runs. Throws CUT-6120 when someone else works on the stack, CUT-6315 (both exit code 14) when a dead
 * driver left a pulumi behind that still does: unlike an upgrade this work would not wait for it.
 */
export async function withStackLock<Result>(
  context: VerbContext,
  stack: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const { ledgerNamespace: namespace } = context.settings(stack).cluster;
  const verb = process.argv.slice(2, 4).join(" ");
  const lock = await takeRunLock(await context.kubernetes(stack), { namespace, stack }, `cutover ${verb}`, () => {
    context.output.note("someone else has taken this stack's lock, because it was not renewed for too long");
    process.emit("SIGINT");
  });
  try {
    if (lock.tookOver !== null) context.output.note(`took the lock over from a dead driver: ${lock.tookOver.proof}`);
    const orphan = lock.tookOver === null ? null : orphanOf(lock.tookOver.holder);
    if (orphan !== null) throw stillAtWork(stack, orphan);
    return await work();
  } finally {
    await lock.release();
  }
}

function stillAtWork(stack: string, pid: number): CutoverError {
  return new CutoverError({
    code: "CUT-6315",
    verdict: "failed",
    happened: `a dead driver's pulumi (pid ${pid}) still works on ${stack}`,
    untouched: "Nothing was changed.",
    next: `cutover recover ${stack} waits for it and settles what it left; then type the same command again.`,
    exitCode: 14,
  });
}
