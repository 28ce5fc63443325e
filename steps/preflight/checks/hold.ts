import type { Check } from "../contract.ts";
import { failed, passed } from "../outcome.ts";

/** After a rollback the stack is on hold until a person lifts it with a reason (design.md 6). */
export const hold: Check = {
  name: "hold",
  code: "CUT-3100",
  overridable: false,
  async run({ ledger, request }) {
    const { hold: reason, operation } = (await ledger()).summary;
    if (reason === null) return passed("the stack is not on hold");
    // An emergency rollback, and a rollback that is continued, must not be kept from their work.
    if (operation?.operation === "rollback") return passed(`on hold (${reason}), which does not stop a rollback`);
    return failed(
      `the stack ${request.stack} is on hold`,
      [`reason: ${reason}`],
      `when the reason no longer holds: cutover unhold ${request.stack} --reason "..."`,
    );
  },
};
