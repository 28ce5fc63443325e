import type { LedgerSummary } from "../../model/ledger-summary.ts";
import type { Receipt } from "../../model/step.ts";
import { isThirdParty } from "../../model/plan-exit-code.ts";
import { letsPass } from "../../model/verdict.ts";
import type { UpEnd } from "./pulumi-up.ts";

/** How one `up` ended, for the driver to decide what follows. */
export interface Ending {
  kind: "passed" | "failed" | "errored" | "inconclusive" | "stopped" | "locked";
  /** Null for the platform's own steps. */
  service: string | null;
  step: string | null;
  summary: string;
  evidence: string[];
  /** What the step itself says that it left alone. */
  untouched?: string;
  /** What the step itself says to do first. */
  next?: string;
  /** Exit code of design.md 8 for this ending, when nothing else is done about it. */
  exitCode: number;
}

/** Exit code per preflight check that said no; the first that applies, else 15. */
const checkExitCodes: readonly (readonly [string, number])[] = [
  ["lock", 14],
  ["no-pending", 20],
  ["window", 13],
  ["approvals", 18],
];

/** Tells from the ledger what stopped the run; Pulumi's own words only where no step could speak. `attempt`: `12.1`. */
export function judgeEnding(
  end: UpEnd,
  after: LedgerSummary,
  receipts: readonly Receipt[],
  context: { stopAsked: boolean; failedStep: string | null; lastWords: readonly string[] },
): Ending {
  const bad = receipts.findLast((receipt) => !letsPass(receipt.verdict));
  if (end.exitCode === 0 && bad === undefined && after.openRun === null) {
    return { kind: "passed", service: null, step: null, summary: "verified", evidence: [], exitCode: 0 };
  }
  if (bad !== undefined) return endingOf(bad);
  if (/currently locked by \d+ lock/.test(end.text)) {
    const evidence = end.text.split("\n").filter((line) => line.includes("created by"));
    const summary = "another pulumi works on this stack";
    return {
      kind: "locked",
      service: null,
      step: null,
      summary,
      evidence: evidence.map((line) => line.trim()),
      exitCode: 14,
    };
  }
  return endingWithoutReceipt(end, context);
}

function endingWithoutReceipt(
  end: UpEnd,
  context: { stopAsked: boolean; failedStep: string | null; lastWords: readonly string[] },
): Ending {
  const [subject = null, step = null] = context.failedStep?.split(" ") ?? [];
  const service = subject === "platform" ? null : subject;
  if (context.stopAsked) {
    return { kind: "stopped", service, step, summary: "stopped as asked", evidence: [], exitCode: 19 };
  }
  if (/no stack named .* found/.test(end.text)) {
    const summary = "Pulumi has no such stack yet";
    return { kind: "failed", service: null, step: null, summary, evidence: [], exitCode: 2 };
  }
  const words = context.lastWords.length > 0 ? [...context.lastWords] : end.text.split("\n");
  const evidence = words
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(-12);
  if (step === "release") {
    const summary = `Helm could not change ${service ?? "a release"}`;
    return { kind: "failed", service, step, summary, evidence, exitCode: 1 };
  }
  if (step === "preflight") {
    return { kind: "failed", service, step, summary: "preflight refused the run", evidence, exitCode: 15 };
  }
  const how = end.signal === null ? `exit code ${end.exitCode ?? "?"}` : `ended by ${end.signal}`;
  return { kind: "errored", service, step, summary: `pulumi up did not end well (${how})`, evidence, exitCode: 1 };
}

function endingOf(receipt: Receipt): Ending {
  const kind = receipt.verdict === "failed" || receipt.verdict === "inconclusive" ? receipt.verdict : "errored";
  const { service, step, summary, evidence, facts } = receipt;
  const { untouched, next } = facts;
  return {
    ...{ kind, service, step, summary, evidence, exitCode: exitCodeOf(receipt) },
    ...(typeof untouched === "string" ? { untouched } : {}),
    ...(typeof next === "string" ? { next } : {}),
  };
}

function exitCodeOf(receipt: Receipt): number {
  if (receipt.verdict === "inconclusive") return 19;
  if (receipt.step === "backup") return 16;
  if (receipt.step !== "preflight") return 1;
  const { checks } = receipt.facts;
  const bad = Object.entries(checks !== null && typeof checks === "object" && !Array.isArray(checks) ? checks : {})
    .map(([check, verdict]) => ({ check, verdict: typeof verdict === "string" ? verdict : "" }))
    .filter(({ verdict }) => verdict === "failed" || verdict === "errored");
  // A dependency that is down explains the checks that need it; anything else that said no is the reason to name.
  if (bad.length > 0 && bad.every(isThirdParty)) return 17;
  return checkExitCodes.find(([name]) => bad.some(({ check }) => check === name))?.[1] ?? 15;
}
