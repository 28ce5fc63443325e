import { runProcess } from "../../clients/process.ts";
import type { GateOf } from "../../model/gate.ts";
import { percentileOf } from "../../model/latency.ts";
import { judgeFigure } from "../../model/performance.ts";
import { askAgain, type Answer } from "./ask-again.ts";
import type { Finding, Gate, RunningGate } from "./contract.ts";
import { openGateDatabase } from "./database.ts";
import { askTarget, targetName } from "./http-target.ts";
import { prometheusOf } from "./prometheus-of.ts";
import { shortNumber } from "./series-name.ts";

type Spec = GateOf<"performance">;
/** A figure, or why there is none yet. */
type Measured = { figure: number; evidence: string[] } | { problem: string };

/**
 * Runs the load job where there is one, takes one figure and judges it against limits and against what it was before. It is asked again only
 * while there is no figure yet: a bad one does not get better by asking. A load job that fails makes the gate `errored`: nothing was measured.
 */
export const judge: Gate<"performance"> = async (spec, context) => {
  const load = spec.loadCommand === undefined ? [] : await runLoad(spec.loadCommand, spec, context);
  if ("verdict" in load) return load;
  const measure = meterOf(spec, context);
  const before = spec.baseline ?? (await context.figureBefore?.(spec.name)) ?? null;
  const finding = await askAgain(spec.name, context, async (): Promise<Answer> => {
    const measured = await measure();
    if ("problem" in measured) return { waitingFor: measured.problem, evidence: [measured.problem] };
    return { finding: judged(spec, measured, before) };
  });
  // Without a figure nothing was judged.
  const verdict = finding.figure === undefined && finding.verdict === "failed" ? "errored" : finding.verdict;
  return { ...finding, verdict, evidence: [...load, ...finding.evidence] };
};

function judged(
  spec: Spec,
  { figure, evidence }: { figure: number; evidence: string[] },
  before: number | null,
): Finding {
  const { name, maximum, minimum, tolerancePercent, worse } = spec;
  const rule = { name, service: "", query: "", worse, maximum, minimum, tolerancePercent };
  const { verdict, summary } = judgeFigure(rule, { now: figure, before });
  const was = before === null ? [] : [`before: ${shortNumber(before)}`];
  return { verdict, summary, evidence: [...evidence, ...was], figure };
}

async function runLoad(command: string[], spec: Spec, context: RunningGate): Promise<string[] | Finding> {
  const { service } = context;
  context.say(`${service.name} ${spec.name}: running ${command[0] ?? ""}`);
  const result = await runProcess(command, {
    environment: { CUTOVER_SERVICE: service.name, CUTOVER_NAMESPACE: service.namespace },
    timeoutMilliseconds: Math.max(1, context.deadline - Date.now()),
    signal: context.signal,
    onStderrLine: (line) => {
      context.say(`${service.name} ${spec.name}: ${line}`);
    },
  });
  const evidence = [`load: ${command.join(" ")}`, ...lastLines(result.stdout), ...lastLines(result.stderr)];
  if (result.exitCode === 0) return evidence;
  const how = result.timedOut ? "did not end in time" : `ended with exit code ${result.exitCode ?? "none"}`;
  return { verdict: "errored", summary: `the load job ${how}: nothing was measured`, evidence };
}

function meterOf(spec: Spec, context: RunningGate): () => Promise<Measured> {
  const { source } = spec;
  if (source.kind === "promql") {
    const prometheus = prometheusOf(context, spec.name);
    return async () => {
      const samples = await prometheus.query(source.query);
      const [first] = samples;
      if (first === undefined || samples.length > 1) {
        return { problem: `${samples.length} series for ${source.query}, one wanted` };
      }
      return figureOf(first.value, source.query);
    };
  }
  if (source.kind === "http") return () => latency(source, context);
  return async () => {
    const database = await openGateDatabase(context, source);
    try {
      const value = await database.scalar(source.query);
      return figureOf(value === null || value.trim() === "" ? Number.NaN : Number(value), source.query);
    } finally {
      await database.close();
    }
  };
}

function figureOf(figure: number, query: string): Measured {
  if (!Number.isFinite(figure)) return { problem: `no number for ${query}` };
  return { figure, evidence: [`${query} = ${shortNumber(figure)}`] };
}

type HttpSource = Extract<Spec["source"], { kind: "http" }>;

/** One request after the other; one that is not answered as wanted makes all of them worthless. */
async function latency(source: HttpSource, context: RunningGate): Promise<Measured> {
  const took: number[] = [];
  const { requests, percentile, expectStatus } = source;
  for (let request = 0; request < requests; request += 1) {
    context.signal.throwIfAborted();
    const began = performance.now();
    const answer = await askTarget(source, context);
    took.push(performance.now() - began);
    if ("problem" in answer) return { problem: `${targetName(source)} gives no answer: ${answer.problem}` };
    if (answer.status !== expectStatus) {
      return { problem: `${targetName(source)} answers ${answer.status}, wanted ${expectStatus}` };
    }
  }
  const figure = Math.round(percentileOf(took, percentile) * 100) / 100;
  const what = `${targetName(source)}: ${percentile} % of ${requests} requests within ${shortNumber(figure)} ms`;
  return { figure, evidence: [what] };
}

function lastLines(text: string): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-5).map((line) => line.slice(0, 300));
}
