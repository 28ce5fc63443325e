import { CutoverError, messageOf } from "../../model/error.ts";
import type { Check, CheckResult, PreflightContext } from "./contract.ts";

/** A check with what it found and how long it took. */
export interface CheckRun {
  check: Check;
  result: CheckResult;
  durationMilliseconds: number;
}

/** A check that has given no answer after this time is `errored`; milliseconds. */
export const checkTimeoutMilliseconds = 15_000;

/** Runs all checks at once and waits for all; never rejects for a check's sake. */
export async function runChecks(
  checks: readonly Check[],
  context: PreflightContext,
  timeoutMilliseconds: number = checkTimeoutMilliseconds,
): Promise<CheckRun[]> {
  return Promise.all(
    checks.map(async (check): Promise<CheckRun> => {
      const started = performance.now();
      const result = await withTimeout(() => check.run(context), timeoutMilliseconds).catch(resultOfError);
      return { check, result, durationMilliseconds: Math.round(performance.now() - started) };
    }),
  );
}

async function withTimeout(run: () => Promise<CheckResult>, milliseconds: number): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => {
      resolve({
        verdict: "errored",
        code: "CUT-3190",
        summary: `no answer within ${milliseconds / 1000} s`,
        evidence: [],
        next: "check that the system which this check asks can be reached, then run the same command again",
      });
    }, milliseconds);
  });
  try {
    // A check that throws before its first await must not escape the others.
    return await Promise.race([Promise.resolve().then(run), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** An error in words: a CutoverError keeps its code, verdict and evidence; everything else could not tell. */
export function resultOfError(error: unknown): CheckResult {
  if (!(error instanceof CutoverError)) {
    return {
      verdict: "errored",
      code: "CUT-3191",
      summary: `could not be judged: ${messageOf(error)}`,
      evidence: [],
      next: "remove the cause named here, then run the same command again",
    };
  }
  const { details } = error;
  return {
    verdict: details.verdict === "failed" ? "failed" : "errored",
    code: details.code,
    summary: details.happened,
    evidence: [...(details.evidence ?? [])],
    ...(details.next === undefined ? {} : { next: details.next }),
  };
}
