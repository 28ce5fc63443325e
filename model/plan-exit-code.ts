/** Checks that ask third parties; the last one cannot answer while PostgreSQL is down. */
const thirdPartyChecks = ["kafka", "postgresql", "prometheus", "database-rights"];

/** What decides how `cutover plan` ends. */
export interface PlanOutcome {
  /** By the ledger: every service stands verified. */
  nothingToDo: boolean;
  /** Pulumi would change something all the same: the cluster drifted, or a setting changed that is in no digest. */
  previewChanges: boolean;
  /** Names of the preflight checks that would stop the run. */
  stoppedBy: readonly string[];
  /** Pulumi's preview was tried and gave no answer. */
  previewFailed: boolean;
  /** `--detailed-exitcode`. */
  detailed: boolean;
}

/** Exit code of a plan (design.md 8): 15 and 17 say that it would be refused, 10 that something would run. */
export function planExitCode({ nothingToDo, previewChanges, stoppedBy, previewFailed, detailed }: PlanOutcome): number {
  if (stoppedBy.length > 0) return stoppedBy.every((check) => thirdPartyChecks.includes(check)) ? 17 : 15;
  if (previewFailed) return 1;
  return detailed && (!nothingToDo || previewChanges) ? 10 : 0;
}
