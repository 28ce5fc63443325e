import type { EntryBody, Page } from "./ledger.ts";

/** What somebody found on a stack, as the ledger tells it now. Times are ISO 8601 in UTC. */
export interface Issue {
  id: string;
  text: string;
  severity: "low" | "medium" | "high";
  state: "open" | "resolved";
  resolution: string | null;
  remedy: string | null;
  openedAt: string;
  openedBy: string;
  resolvedAt: string | null;
  resolvedBy: string | null;
}

const gravest: readonly Issue["severity"][] = ["high", "medium", "low"];

/** All issues of a stack, in the order in which they were found. */
export function allIssues(pages: readonly Page[]): Issue[] {
  const issues = new Map<string, Issue>();
  for (const entry of [...pages].sort((a, b) => a.number - b.number).flatMap((page) => page.entries)) {
    if (entry.kind !== "issue") continue;
    const { id, text, severity, state, resolution, remedy, by, at } = entry;
    const before = issues.get(id);
    const resolved = state === "resolved";
    issues.set(id, {
      ...{ id, text, severity, state, resolution, remedy },
      openedAt: before?.openedAt ?? at,
      openedBy: before?.openedBy ?? by,
      resolvedAt: resolved ? at : null,
      resolvedBy: resolved ? by : null,
    });
  }
  return [...issues.values()];
}

/** The issues nobody has resolved: the gravest first, then the oldest. */
export function openIssues(pages: readonly Page[]): Issue[] {
  return allIssues(pages)
    .filter((issue) => issue.state === "open")
    .sort((a, b) => gravest.indexOf(a.severity) - gravest.indexOf(b.severity));
}

/** Id of the next issue: `issue-<n>`, never one that was used before. */
export function nextIssueId(pages: readonly Page[]): string {
  const numbers = allIssues(pages).map((issue) => Number(/^issue-(\d+)$/.exec(issue.id)?.[1] ?? 0));
  return `issue-${Math.max(0, ...numbers) + 1}`;
}

/** The entry that resolves an issue; what is not said anew stays as it was. */
export function resolutionOf(
  issue: Issue,
  said: { resolution: string | null; remedy: string | null; by: string },
): EntryBody & { kind: "issue" } {
  const { id, text, severity } = issue;
  const { resolution, remedy, by } = said;
  return {
    ...{ kind: "issue", id, text, severity, state: "resolved", by },
    resolution: resolution ?? issue.resolution,
    remedy: remedy ?? issue.remedy,
  };
}
