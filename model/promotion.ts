import { showDuration } from "./duration.ts";
import { openIssues, type Issue } from "./issues.ts";
import { rolesJudgedDifferently, type JudgedBy } from "./judged-by.ts";
import { summarize, type LedgerSummary } from "./ledger-summary.ts";
import { headOf, type Page, type PromotionProof } from "./ledger.ts";
import { verifiedSet, type VerifiedSet } from "./verified-set.ts";

/** May this release set of a lower stack be promoted? Times and durations in milliseconds, UTC. */
export interface PromotionQuestion {
  /** The lower stack and its ledger. */
  lower: string;
  pages: readonly Page[];
  releaseSet: string;
  /** Sha256 of the release set's folder as it is now. */
  hash: string;
  /** What judges each role on the upper stack. */
  judgedBy: JudgedBy;
  /** How long it must have stood verified; 0: not at all. */
  soak: number;
  toolVersion: string;
  now: number;
}

/** One reason against a promotion. */
export interface PromotionRefusal {
  code: `CUT-${number}`;
  text: string;
  /** What to type or do. */
  next: string;
}

/** The answer: a proof when nothing speaks against it. */
export interface PromotionJudgement {
  /** The one that explains most comes first. */
  refusals: PromotionRefusal[];
  proof: PromotionProof | null;
  /** Issues of the lower stack that nobody has resolved: for people, no refusal. */
  openIssues: Issue[];
}

/**
 * Judges a promotion (design.md 6): only the very folder that the lower stack verified, with the same steps, gates and tool version,
 * that has soaked there and not failed since.
 */
export function judgePromotion(question: PromotionQuestion): PromotionJudgement {
  const { lower, pages, releaseSet, hash, toolVersion } = question;
  const found = verifiedSet(pages, releaseSet);
  const refusals = [
    ...standstills(summarize(pages), lower),
    ...(found === null ? [neverVerified(question)] : doubts(question, found)),
  ];
  const issues = openIssues(pages);
  if (found === null || refusals.length > 0) return { refusals, proof: null, openIssues: issues };
  const { judgedBy, run, verifiedAt } = found;
  const proof = { stack: lower, releaseSet, hash, toolVersion, judgedBy, run, verifiedAt, ledgerHead: headOf(pages) };
  return { refusals, proof, openIssues: issues };
}

function standstills({ hold, operation, openRun }: LedgerSummary, lower: string): PromotionRefusal[] {
  const refusals: PromotionRefusal[] = [];
  if (hold !== null) {
    refusals.push({
      code: "CUT-6206",
      text: `${lower} is on hold: ${hold}`,
      next: `when the reason no longer holds: cutover unhold ${lower} --reason "..."`,
    });
  }
  const atWork = openRun?.receipts.some(({ step, verdict }) => step !== "preflight" || verdict === "passed") === true;
  if (operation !== null || atWork) {
    const what = operation === null ? `run ${openRun?.number ?? 0}` : `the ${operation.operation} ${operation.id}`;
    refusals.push({
      code: "CUT-6207",
      text: `${what} of ${lower} has not ended`,
      next: `finish it first: cutover ${operation?.operation ?? "upgrade"} ${lower}`,
    });
  }
  return refusals;
}

function neverVerified({ lower, releaseSet }: PromotionQuestion): PromotionRefusal {
  return {
    code: "CUT-6200",
    text: `${lower} has never verified ${releaseSet}`,
    next: `cutover upgrade ${lower} --release ${releaseSet}`,
  };
}

function doubts(question: PromotionQuestion, found: VerifiedSet): PromotionRefusal[] {
  const { lower, releaseSet, toolVersion } = question;
  const refusals: PromotionRefusal[] = [];
  if (found.hash !== question.hash) {
    refusals.push({
      code: "CUT-6201",
      text:
        found.hash === null
          ? `run ${found.run} of ${lower} did not record which folder it verified`
          : `the folder of ${releaseSet} (${short(question.hash)}) is not the one that run ${found.run} of ${lower} verified (${short(found.hash)})`,
      next: `restore the folder as it was verified, or give what changed a name of its own, list it in index.yaml, and: cutover upgrade ${lower} --release <name>`,
    });
  }
  if (found.failedSince !== null) {
    refusals.push({
      code: "CUT-6205",
      text: `${lower} failed after it had verified ${releaseSet}: ${found.failedSince.text} (${found.failedSince.at})`,
      next: `find the cause, then: cutover verify ${lower}; the soak begins anew with it`,
    });
  }
  const pinned = found.targets.filter((target) => target.releaseSet !== releaseSet).map((target) => target.service);
  const missing = [...new Set([...found.fallen, ...pinned])];
  if (missing.length > 0) {
    refusals.push({
      code: "CUT-6200",
      text: `not every service of ${lower} stands verified at ${releaseSet} now: ${missing.join(", ")}`,
      next: `cutover status ${lower} shows where they stand; cutover upgrade ${lower} --release ${releaseSet}`,
    });
  }
  const roles = rolesJudgedDifferently(question.judgedBy, found.judgedBy);
  if (roles.length > 0) {
    refusals.push({
      code: "CUT-6202",
      text: `${lower} did not judge by the same steps and gates: ${roles.join(", ")}`,
      next: `compare cutover:gateSettings and cutover:pins of both stack files; make them the same, then: cutover upgrade ${lower}`,
    });
  }
  const others = found.toolVersions.filter((version) => version !== toolVersion);
  // Of services that have fallen nobody asks who judged them.
  if (others.length > 0 || (found.toolVersions.length === 0 && missing.length === 0)) {
    refusals.push({
      code: "CUT-6203",
      text: `${lower} was judged by cutover ${others.join(", ") || "of an unknown version"}, this is ${toolVersion}`,
      next: `judge it by this version: cutover verify ${lower}`,
    });
  }
  return [...refusals, ...soakOf(question, found)];
}

function soakOf({ lower, releaseSet, soak, now }: PromotionQuestion, found: VerifiedSet): PromotionRefusal[] {
  const over = Date.parse(found.verifiedAt) + soak;
  if (now >= over) return [];
  const when = new Date(over).toISOString();
  return [
    {
      code: "CUT-6204",
      text: `${releaseSet} has to stand verified on ${lower} for ${showDuration(soak)}; that is over at ${when}, in ${showDuration(over - now)}`,
      next: `try again after ${when}`,
    },
  ];
}

function short(hash: string): string {
  return hash.slice(0, 12);
}
