/** Everything a person needs when something stops: design.md 8. */
export interface ErrorDetails {
  /** Stable code, `CUT-xxxx`; never reused for another meaning. */
  code: `CUT-${number}`;
  /** `failed`: a check said no; `errored`: could not tell. */
  verdict: "failed" | "errored" | "inconclusive";
  /** What happened, one sentence, no secret. */
  happened: string;
  /** Facts that show it: names, numbers, log lines. */
  evidence?: readonly string[];
  /** What was not touched, in plain words. */
  untouched?: string;
  /** The next command to type, or what to do first. */
  next?: string;
  /** Exit code of design.md 8; 1 when absent. */
  exitCode?: number;
}

/** The one error class that reaches people. `cause` keeps the technical error. */
export class CutoverError extends Error {
  readonly details: ErrorDetails;

  constructor(details: ErrorDetails, options?: { cause?: unknown }) {
    super(`${details.code} ${details.happened}`, options);
    this.name = "CutoverError";
    this.details = details;
  }
}

/** Text of an unknown thrown value, without a stack trace. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The lines a person sees: happened, evidence, untouched, next. */
export function describeError(error: unknown): string[] {
  if (!(error instanceof CutoverError)) return [`CUT-1000 unexpected error: ${messageOf(error)}`];
  const { details } = error;
  return [
    `${details.code} ${details.verdict}: ${details.happened}`,
    ...(details.evidence ?? []).map((line) => `  evidence: ${line}`),
    ...(details.untouched === undefined ? [] : [`  untouched: ${details.untouched}`]),
    ...(details.next === undefined ? [] : [`  next: ${details.next}`]),
  ];
}
