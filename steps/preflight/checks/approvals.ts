import { whoAmI } from "../../../clients/identity.ts";
import { approvalsOf, judgeApprovals, type RoleApproval } from "../../../model/approval.ts";
import type { Check } from "../contract.ts";
import { movedSets, notGuarded } from "../guarded.ts";
import { failed, passed, skipped } from "../outcome.ts";

/** Every role that the stack names has approved this very release set, and none of the approvers runs it. */
export const approvals: Check = {
  name: "approvals",
  code: "CUT-3157",
  overridable: true,
  async run(context) {
    const rules = context.spec.guards.approvals;
    const { stack } = context.request;
    if (rules.length === 0) return skipped("the stack asks for no approvals");
    const free = await notGuarded(context);
    if (free !== null) return free;
    const runner = await whoAmI(await context.kubernetes());
    const given = approvalsOf((await context.ledger()).pages);
    const judged = (await movedSets(context)).flatMap((set) =>
      judgeApprovals(rules, given, set.hash, runner).map((role) => ({ set: set.name, ...role })),
    );
    const missing = judged.filter((role) => role.missing > 0);
    if (missing.length === 0) return passed(judged.map((role) => roleText(role.set, role)).join("; "));
    return failed(
      "an approval is missing",
      [`this run is ${runner.username}'s`, ...judged.flatMap((role) => evidenceOf(role.set, role))],
      missing.map(({ set, role }) => `cutover approve ${stack} ${set} --role ${role}`).join("; "),
    );
  },
};

function roleText(set: string, { role, wanted, approvedBy }: RoleApproval): string {
  const who = approvedBy.length === 0 ? "" : ` (${approvedBy.join(", ")})`;
  return `${set}: ${approvedBy.length} of ${wanted} approvals of ${role}${who}`;
}

function evidenceOf(set: string, role: RoleApproval): string[] {
  return [
    roleText(set, role),
    ...role.ignored.map(
      ({ username, why }) => `${set}: the approval of ${username} does not count: ${username} ${why}`,
    ),
  ];
}
