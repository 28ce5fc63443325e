/** Checks that ask third parties; the last one cannot answer while PostgreSQL is down. */
const thirdPartyChecks = ["kafka", "postgresql", "prometheus", "database-rights"];
/** Checks that ask the platform's database server or its nodes, and much else of them: only where they got no answer is it that. */
const askingChecks = [
  ...["databases", "database-server-version", "platform-database-rights", "backup-place", "clone-targets"],
  ...["nodes-reachable", "node-folders"],
];

/** A check of preflight with its verdict. */
export interface StoppingCheck {
  check: string;
  verdict: string;
}

/** True when it was a third party that stopped the run: exit code 17 (design.md 8) when nothing else did. */
export function isThirdParty({ check, verdict }: StoppingCheck): boolean {
  return thirdPartyChecks.includes(check) || (verdict === "errored" && askingChecks.includes(check));
}

/** What decides how `cutover plan` ends. */
export interface PlanOutcome {
  /** By the ledger: every service stands verified. */
  nothingToDo: boolean;
  /** Pulumi would change something all the same: the cluster drifted, or a setting changed that is in no digest. */
  previewChanges: boolean;
  /** The preflight checks that would stop the run. */
  stoppedBy: readonly StoppingCheck[];
  /** Pulumi's preview was tried and gave no answer. */
  previewFailed: boolean;
  /** `--detailed-exitcode`. */
  detailed: boolean;
}

/** Exit code of a plan (design.md 8): 15 and 17 say that it would be refused, 10 that something would run. */
export function planExitCode({ nothingToDo, previewChanges, stoppedBy, previewFailed, detailed }: PlanOutcome): number {
  if (stoppedBy.length > 0) return stoppedBy.every(isThirdParty) ? 17 : 15;
  if (previewFailed) return 1;
  return detailed && (!nothingToDo || previewChanges) ? 10 : 0;
}
