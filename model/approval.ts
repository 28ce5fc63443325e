import type { Page } from "./ledger.ts";
import type { Identity } from "./operation.ts";
import type { StackSettings } from "./stack-settings.ts";

/** A role that must have approved a release set, `cutover:approvals`. */
export type ApprovalRule = StackSettings["approvals"][number];

/** An approval of the ledger. */
export interface Approval {
  role: string;
  setHash: string;
  by: Identity;
  /** ISO 8601, UTC. */
  at: string;
}

/** What one role's approvals amount to. */
export interface RoleApproval {
  role: string;
  wanted: number;
  /** User names that count, each once. */
  approvedBy: string[];
  /** Approvals of this very release set that do not count, and why. */
  ignored: { username: string; why: string }[];
  missing: number;
}

/** All approvals of a ledger, oldest first. */
export function approvalsOf(pages: readonly Page[]): Approval[] {
  return pages
    .toSorted((a, b) => a.number - b.number)
    .flatMap((page) => page.entries)
    .flatMap((entry) =>
      entry.kind === "approval" ? [{ role: entry.role, setHash: entry.setHash, by: entry.by, at: entry.at }] : [],
    );
}

/** True when the identity may approve for the role: it is one of its users or in one of its groups. */
export function mayApprove(rule: ApprovalRule, identity: Identity): boolean {
  return rule.users.includes(identity.username) || identity.groups.some((group) => rule.groups.includes(group));
}

/**
 * Judges the approvals of the release set with this hash by the rules as they are today. `runner` (null: not known yet) is who
 * runs: it never approves its own run.
 */
export function judgeApprovals(
  rules: readonly ApprovalRule[],
  approvals: readonly Approval[],
  setHash: string,
  runner: Identity | null,
): RoleApproval[] {
  return rules.map((rule) => {
    const given = approvals.filter((approval) => approval.role === rule.role && approval.setHash === setHash);
    const reasons = new Map<string, string | null>();
    for (const { by } of given) {
      // Who is in the role with one of several approvals is in it.
      if (reasons.get(by.username) !== null) reasons.set(by.username, whyNot(rule, by, runner));
    }
    const approvedBy = [...reasons].flatMap(([username, why]) => (why === null ? [username] : []));
    return {
      role: rule.role,
      wanted: rule.count,
      approvedBy,
      ignored: [...reasons].flatMap(([username, why]) => (why === null ? [] : [{ username, why }])),
      missing: Math.max(0, rule.count - approvedBy.length),
    };
  });
}

function whyNot(rule: ApprovalRule, by: Identity, runner: Identity | null): string | null {
  if (runner?.username === by.username) return "runs the upgrade and cannot approve it too";
  return mayApprove(rule, by) ? null : `is not in the role ${rule.role}`;
}
