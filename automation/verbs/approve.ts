import { approvalsOf, judgeApprovals, mayApprove, type ApprovalRule } from "../../model/approval.ts";
import { CutoverError } from "../../model/error.ts";
import { openReleaseSets } from "../../stacks/release-sets.ts";
import { whoAmI } from "../identity.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover approve STACK RELEASE`: a person says yes to a release set for a stack. */
export const approve: Verb = {
  name: "approve",
  arguments: ["<stack>", "<release>"],
  summary: "approve a release set for a stack",
  description:
    "Records that you, by the Kubernetes identity of your kubeconfig, approve this very release set (the hash of its folder) in one of " +
    "the roles of cutover:approvals. A changed folder needs new approvals, and nobody approves a run of their own.",
  examples: ["approve infomart-prod r2026-11 --role uat", "approve infomart-prod r2026-11 --role operations --json"],
  options: [{ flags: "--role <name>", description: "one of the roles in cutover:approvals", required: true }],
  exitCodes: [18],
  run: async (context) => record(context),
};

async function record(context: VerbContext): Promise<number> {
  const { stack = "", release = "" } = context.arguments;
  const { platform, approvals: rules } = context.settings(stack);
  const sets = openReleaseSets(context.root, platform);
  sets.load(release);
  const hash = sets.hash(release);
  const rule = ruleOf(stack, rules, textOption(context, "role") ?? "");
  const by = await whoAmI(await context.kubernetes(stack));
  if (!mayApprove(rule, by)) throw notInRole(stack, rule, by.username);
  const ledger = await context.ledger(stack);
  const before = judgeApprovals([rule], approvalsOf(await ledger.pages()), hash, null);
  const repeated = before[0]?.approvedBy.includes(by.username) === true;
  const pages = repeated
    ? await ledger.pages()
    : await ledger.append({ kind: "approval", releaseSet: release, setHash: hash, role: rule.role, by });
  const roles = judgeApprovals(rules, approvalsOf(pages), hash, null);
  const line = (text: string) => context.output.line(text);
  line(`${by.username} ${repeated ? "had approved" : "approves"} ${release} for ${stack} as ${rule.role}`);
  for (const { role, wanted, approvedBy } of roles) {
    line(`  ${role}: ${approvedBy.length} of ${wanted}${approvedBy.length === 0 ? "" : ` (${approvedBy.join(", ")})`}`);
  }
  const missing = roles.filter((role) => role.missing > 0);
  line(
    missing.length === 0
      ? `next: cutover upgrade ${stack} --release ${release}, run by somebody who did not approve`
      : `next: ${missing.map(({ role }) => `cutover approve ${stack} ${release} --role ${role}`).join("; ")}`,
  );
  context.output.document({ stack, releaseSet: release, setHash: hash, role: rule.role, by, repeated, roles });
  return 0;
}

function ruleOf(stack: string, rules: readonly ApprovalRule[], role: string): ApprovalRule {
  const rule = rules.find((one) => one.role === role);
  if (rule !== undefined) return rule;
  throw new CutoverError({
    code: "CUT-6210",
    verdict: "failed",
    happened: `${stack} asks for no approval of ${role}`,
    evidence: [`roles in cutover:approvals: ${rules.map((one) => one.role).join(", ") || "none"}`],
    untouched: "Nothing was recorded.",
    next: "Name one of these roles, or add it to the stack file.",
    exitCode: 18,
  });
}

function notInRole(stack: string, rule: ApprovalRule, username: string): CutoverError {
  return new CutoverError({
    code: "CUT-6211",
    verdict: "failed",
    happened: `${username} is not in the role ${rule.role} of ${stack}`,
    evidence: [`users: ${rule.users.join(", ") || "none"}`, `groups: ${rule.groups.join(", ") || "none"}`],
    untouched: "Nothing was recorded.",
    next: "Let one of these approve; kubectl auth whoami shows who you are.",
    exitCode: 18,
  });
}
