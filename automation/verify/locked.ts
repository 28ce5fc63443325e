import { CutoverError } from "../../model/error.ts";
import type { Holder } from "../../model/lease.ts";
import type { VerbContext } from "../verb.ts";

/**
 * While somebody works on the stack its gates say nothing of how it stands. The watching CronJob leaves this turn out (exit code 0); a person
 * gets CUT-6324 (exit code 14).
 */
export function refuseWhileLocked(context: VerbContext, stack: string, holder: Holder, watching: boolean): number {
  const owner = `pid ${holder.pid} on ${holder.host} runs: ${holder.run}`;
  if (!watching) {
    throw new CutoverError({
      code: "CUT-6324",
      verdict: "failed",
      happened: `${stack} is being worked on: its gates would judge a state in between`,
      evidence: [owner],
      untouched: "Nothing was judged or recorded.",
      next: `Wait until it has ended, then: cutover verify ${stack}`,
      exitCode: 14,
    });
  }
  context.output.line(`not judged this time: ${owner}`);
  context.output.document({ stack, verdict: "skipped", lockedBy: owner });
  return 0;
}
