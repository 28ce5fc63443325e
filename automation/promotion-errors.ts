import { CutoverError } from "../model/error.ts";
import type { PromotionJudgement } from "../model/promotion.ts";
import type { VerbContext } from "./verb.ts";

/** What speaks against the promotion: the first reason leads, the others are its evidence. */
export function refused(context: VerbContext, releaseSet: string, { refusals }: PromotionJudgement): CutoverError {
  const { from = "", to = "" } = context.arguments;
  const [first, ...others] = refusals;
  return new CutoverError({
    code: first?.code ?? "CUT-6200",
    verdict: "failed",
    happened: `${releaseSet} is not promoted from ${from} to ${to}: ${first?.text ?? ""}`,
    evidence: others.map(({ code, text }) => `${code} also: ${text}`),
    untouched: `The ledger and the stack file of ${to} are as they were.`,
    next: first?.next ?? "",
    exitCode: 15,
  });
}

/** The two stacks are no neighbours in the chain. */
export function notBelow(context: VerbContext): CutoverError {
  const { from = "", to = "" } = context.arguments;
  const { lower } = context.settings(to);
  return new CutoverError({
    code: "CUT-6220",
    verdict: "failed",
    happened: `${to} is not promoted from ${from}`,
    evidence: [`cutover:lower of ${to}: ${lower ?? "none"}`],
    untouched: "Nothing was changed.",
    next: lower === undefined ? `Set cutover:lower in the stack file of ${to}.` : `cutover promote ${lower} ${to}`,
    exitCode: 2,
  });
}

/** There is nothing to promote. */
export function nothingVerified(from: string): CutoverError {
  return new CutoverError({
    code: "CUT-6221",
    verdict: "failed",
    happened: `${from} has not verified any release set yet`,
    untouched: "Nothing was changed.",
    next: `cutover upgrade ${from}`,
    exitCode: 15,
  });
}

/** A ledger that was changed proves nothing. */
export function damaged(from: string, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-6222",
    verdict: "errored",
    happened: `the ledger of ${from} is damaged, so it proves nothing: ${problem}`,
    untouched: "Nothing was changed.",
    next: `cutover ledger ${from} --verify`,
    exitCode: 20,
  });
}
