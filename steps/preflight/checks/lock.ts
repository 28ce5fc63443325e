import { readRunLock } from "../../work/run-lock.ts";
import type { Check } from "../contract.ts";
import { failed, passed } from "../outcome.ts";

/** Nobody else's driver works on the stack: plain `pulumi up` respects its lock too. */
export const lock: Check = {
  name: "lock",
  code: "CUT-3105",
  overridable: false,
  async run({ kubernetes, request }) {
    const judged = await readRunLock(await kubernetes(), {
      namespace: request.cluster.ledgerNamespace,
      stack: request.stack,
    });
    if (judged.state === "free") return passed("no driver works on the stack");
    // The driver hands its lock's id to the pulumi that it starts.
    if (judged.holder.id === process.env["CUTOVER_RUN_LOCK"]) return passed("held by the driver of this run");
    if (judged.state === "dead") return passed(`the lock's owner is dead: ${judged.proof}`);
    return failed(
      `${request.stack} is locked`,
      [`by pid ${judged.holder.pid} on ${judged.holder.host}, which runs: ${judged.holder.run}`],
      `wait until it has ended: cutover status ${request.stack}`,
    );
  },
};
