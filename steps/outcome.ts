import { CutoverError, describeError, messageOf } from "../model/error.ts";
import type { Receipt, StepRequest } from "../model/step.ts";
import { toolVersion } from "../model/tool-version.ts";
import type { Outcome, StepContext, StepModule } from "./context.ts";
import { redactText, redactValue } from "./redaction.ts";
import { untilStopped } from "./stop.ts";

/** A finished step: the receipt, and the lines for people when it did not pass. */
export interface Finished {
  receipt: Receipt;
  close: Outcome["close"];
  lines: string[];
  /** Process exit code. */
  exitCode: number;
}

/** Runs a step's work and makes a receipt of what it returns or throws. Known secret values are redacted. */
export async function finishStep(context: StepContext, work: StepModule["run"]): Promise<Finished> {
  const startedAt = new Date().toISOString();
  const began = performance.now();
  let outcome: Outcome;
  let lines: string[] = [];
  let exitCode = 0;
  try {
    outcome = await untilStopped(work(context), context.signal);
    if (outcome.verdict !== "passed" && outcome.verdict !== "skipped") {
      exitCode = 1;
      lines = [`${outcome.verdict}: ${outcome.summary}`, ...(outcome.evidence ?? []).map((line) => `  ${line}`)];
    }
  } catch (error) {
    outcome = outcomeOfError(error);
    lines = describeError(error);
    if ((process.env["CUTOVER_DEBUG"] ?? "") !== "" && error instanceof Error) lines.push(error.stack ?? "");
    exitCode = 1;
  }
  const receipt = receiptOf(context.request, outcome, startedAt, performance.now() - began);
  return { receipt: redactValue(receipt), close: outcome.close, lines: lines.map(redactText), exitCode };
}

/** The receipt of an outcome; `milliseconds` is the step's duration. */
export function receiptOf(request: StepRequest, outcome: Outcome, startedAt: string, milliseconds: number): Receipt {
  return {
    step: request.step,
    service: request.service,
    verdict: outcome.verdict,
    summary: outcome.summary,
    evidence: outcome.evidence ?? [],
    gates: outcome.gates ?? [],
    facts: outcome.facts ?? {},
    startedAt,
    durationMilliseconds: Math.round(milliseconds),
    toolVersion,
    attempt: request.attempt,
    ...(outcome.reused === true ? { reused: true } : {}),
  };
}

/** What a thrown error means for a step: its own verdict, or `errored` for anything unexpected. */
export function outcomeOfError(error: unknown): Outcome {
  if (!(error instanceof CutoverError)) {
    return { verdict: "errored", summary: `CUT-1000 unexpected error: ${messageOf(error)}` };
  }
  const { details } = error;
  return {
    verdict: details.verdict,
    summary: `${details.code} ${details.happened}`,
    evidence: [...(details.evidence ?? [])],
    facts: {
      code: details.code,
      ...(details.untouched === undefined ? {} : { untouched: details.untouched }),
      ...(details.next === undefined ? {} : { next: details.next }),
    },
  };
}
