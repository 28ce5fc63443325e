import { specOf } from "../../components/service-specs.ts";
import type { GateResult } from "../../model/gate.ts";
import { judgeFigure } from "../../model/performance.ts";
import { worstOf, type Verdict } from "../../model/verdict.ts";
import { outcomeOfError } from "../../steps/outcome.ts";
import type { Outcome } from "../../steps/context.ts";
import { redactText } from "../../steps/redaction.ts";
import { run as runVerifyStep } from "../../steps/verify.ts";
import { identityNow, manualAttempt, openStepWork } from "../step-work.ts";
import type { ServiceNow } from "../planned-services.ts";
import type { VerbContext } from "../verb.ts";
import type { MeasuredFigure } from "./figures.ts";

/** What a verification says of one service. */
export interface ServiceVerdict {
  service: string;
  verdict: Verdict;
  summary: string;
  evidence: string[];
  gates: Pick<GateResult, "gate" | "verdict" | "summary">[];
}

/** Runs all gates of a service by the code of the step `verify`, outside any run. Never rejects: what could not be told is `errored`. */
export async function verifyService(context: VerbContext, stack: string, now: ServiceNow): Promise<ServiceVerdict> {
  const settings = context.settings(stack);
  const spec = specOf("verify", now.service, identityNow(now), [], {
    prometheus: settings.prometheus ?? null,
    backupFolder: settings.backupFolder,
    acknowledged: settings.acknowledged,
    outside: now.outside,
  });
  const outcome = await outcomeOf(context, now, { stack, step: "verify", attempt: manualAttempt(new Date()), spec });
  return {
    service: now.service.name,
    verdict: outcome.verdict,
    summary: redactText(outcome.summary),
    evidence: (outcome.evidence ?? []).map(redactText),
    gates: (outcome.gates ?? []).map(({ gate, verdict, summary }) => ({ gate, verdict, summary: redactText(summary) })),
  };
}

async function outcomeOf(
  context: VerbContext,
  now: ServiceNow,
  work: Parameters<typeof openStepWork>[2],
): Promise<Outcome> {
  try {
    const connections = await openStepWork(context, now, work);
    try {
      return await runVerifyStep(connections.context);
    } finally {
      await connections.close();
    }
  } catch (error) {
    return outcomeOfError(error);
  }
}

/** A judged performance figure. */
export interface FigureVerdict {
  key: string;
  service: string;
  verdict: Verdict;
  summary: string;
  now: number | null;
  before: number | null;
}

/** Judges what was measured against limits and baseline. */
export function judgeFigures(
  measured: readonly MeasuredFigure[],
  baseline: Readonly<Record<string, number>>,
): FigureVerdict[] {
  return measured.map(({ key, service, rule, now, problem }) => {
    const before = baseline[key] ?? null;
    const { verdict, summary } = judgeFigure(rule, { now, before });
    return { key, service, verdict, summary: problem === null ? summary : `${summary}: ${problem}`, now, before };
  });
}

/** A service's verdict with its figures taken into account. */
export function withFigures(service: ServiceVerdict, figures: readonly FigureVerdict[]): ServiceVerdict {
  const own = figures.filter((figure) => figure.service === service.service);
  const bad = own.filter((figure) => figure.verdict !== "passed");
  const verdict = worstOf([service.verdict, ...own.map((figure) => figure.verdict)]);
  if (bad.length === 0) return { ...service, verdict };
  const summary = [
    ...(service.verdict === "passed" ? [service.service] : [service.summary]),
    ...bad.map((figure) => figure.summary),
  ].join("; ");
  return { ...service, verdict, summary };
}

/** The exit code of a verification: 0 passed, 19 a person decides, else 1. */
export function exitCodeOf(verdict: Verdict): number {
  if (verdict === "passed" || verdict === "skipped") return 0;
  return verdict === "inconclusive" ? 19 : 1;
}
