/**
 * What a check, gate, step or run ended with.
 * `failed`: a check said no. `errored`: could not tell. `inconclusive`: a person decides.
 * `skipped`: had nothing to do. `notRun`: never started.
 */
export type Verdict = "passed" | "failed" | "errored" | "inconclusive" | "skipped" | "notRun";

// From harmless to grave: a proven "no" outweighs "could not tell".
const gravity: readonly Verdict[] = ["skipped", "passed", "notRun", "inconclusive", "errored", "failed"];

/** The gravest of several verdicts; `skipped` when there are none. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  let worst: Verdict = "skipped";
  for (const verdict of verdicts) if (gravity.indexOf(verdict) > gravity.indexOf(worst)) worst = verdict;
  return worst;
}

/** True when the run may go on after this verdict. */
export function letsPass(verdict: Verdict): boolean {
  return verdict === "passed" || verdict === "skipped";
}
