import type { Check } from "../contract.ts";
import { failed, passed } from "../outcome.ts";

/** After a rollback the stack is on hold until a person lifts it with a reason (design.md 6). */
export const hold: Check = {
  name: "hold",
  code: "CUT-3100",
  overridable: false,
  async run({ ledger, request }) {
    const reason = (await ledger()).summary.hold;
    if (reason === null) return passed("the stack is not on hold");
    return failed(
      `the stack ${request.stack} is on hold`,
      [`reason: ${reason}`],
      `when the reason no longer holds: cutover unhold ${request.stack} --reason "..."`,
    );
  },
};
