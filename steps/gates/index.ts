import { describeError, messageOf } from "../../model/error.ts";
import type { GateKind, GateOf, GateResult, GateSpec } from "../../model/gate.ts";
import { letsPass } from "../../model/verdict.ts";
import type { Finding, Gate, GateContext, RunningGate } from "./contract.ts";
import { formatDuration } from "./progress.ts";

export type { GateContext } from "./contract.ts";
export { checkHealthNow } from "./health.ts";

// Loaded when wanted: a step's start must stay short.
const gates: { [Kind in GateKind]: () => Promise<{ judge: Gate<Kind> }> } = {
  pods: () => import("./pods.ts"),
  promql: () => import("./promql.ts"),
  metric: () => import("./metric.ts"),
  sql: () => import("./sql.ts"),
  exec: () => import("./exec.ts"),
  http: () => import("./http.ts"),
  job: () => import("./job.ts"),
  command: () => import("./command.ts"),
  performance: () => import("./performance.ts"),
};

// Gates end by themselves at their deadline; this much later one that hangs is given up.
const graceMilliseconds = 5_000;
// setTimeout fires at once for longer times.
const longestTimer = 2 ** 31 - 1;

/** Runs one gate. Never rejects: what could not be told is the verdict `errored` with the cause. */
export async function runGate(spec: GateSpec, context: GateContext): Promise<GateResult> {
  const startedAt = Date.now();
  const deadline = Math.min(startedAt + spec.timeoutSeconds * 1000, context.deadline ?? Infinity);
  const given = new AbortController();
  const timer = setTimeout(
    () => {
      given.abort(new Error("the gate's time is over"));
    },
    Math.min(deadline - startedAt + graceMilliseconds, longestTimer),
  );
  const signal = AbortSignal.any([context.signal, given.signal]);
  let readyAfter: number | null = null;
  const onReady = () => {
    // From here on it only watches on, for as long as the other gates take.
    clearTimeout(timer);
    readyAfter ??= Date.now() - startedAt;
    context.onReady?.();
  };
  const running: RunningGate = { ...context, startedAt, deadline, signal, onReady };
  let finding: Finding;
  try {
    finding = await Promise.race([judge(spec.kind, spec, running), givenUp(given.signal)]);
    if (context.signal.aborted && !letsPass(finding.verdict)) finding = interrupted(startedAt);
  } catch (error) {
    finding = context.signal.aborted ? interrupted(startedAt) : erroredBy(error);
  } finally {
    clearTimeout(timer);
    given.abort();
  }
  const durationMilliseconds = letsPass(finding.verdict) && readyAfter !== null ? readyAfter : Date.now() - startedAt;
  return { gate: spec.name, kind: spec.kind, ...finding, durationMilliseconds };
}

async function judge<Kind extends GateKind>(kind: Kind, spec: GateSpec, context: RunningGate): Promise<Finding> {
  const { judge: gate } = await gates[kind]();
  return gate(spec as GateOf<Kind>, context);
}

/**
 * Runs the pods gates first, then the others side by side: as long as the pods are not right, no number means anything. The pods gates watch
 * on until the others have ended. The first gate that does not pass ends the rest, since the verdict is settled. One result for each spec,
 * in their order; `notRun` for what never came to an end.
 */
export async function runGates(specs: readonly GateSpec[], context: GateContext): Promise<GateResult[]> {
  const judging = judgeTogether(context);
  const pods = specs.filter((spec) => spec.kind === "pods");
  const others = specs.filter((spec) => spec.kind !== "pods");
  const { promise: othersEnded, resolve: endOthers } = Promise.withResolvers<void>();
  const watched = pods.map((spec) => {
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const onReady = () => {
      resolve();
      context.onReady?.();
    };
    const ended = judging.run(spec, others.length === 0 ? { onReady } : { onReady, others: othersEnded });
    return { ended, readyOrEnded: Promise.race([ready, ended]) };
  });
  await Promise.all(watched.map(({ readyOrEnded }) => readyOrEnded));
  if (!judging.settled()) await Promise.all(others.map((spec) => judging.run(spec)));
  endOthers();
  await Promise.all(watched.map(({ ended }) => ended));
  const { results } = judging;
  const blocker = specs
    .map((spec) => results.get(spec))
    .find((result) => result !== undefined && !letsPass(result.verdict) && result.verdict !== "notRun");
  const reason = blocker === undefined ? "the step was stopped" : `${blocker.gate} did not pass`;
  return specs.map((spec) => results.get(spec) ?? notRun(spec, `not run: ${reason}`));
}

/** Gates of which the first that does not pass stops the others. */
function judgeTogether(context: GateContext) {
  const results = new Map<GateSpec, GateResult>();
  const rest = new AbortController();
  const signal = AbortSignal.any([context.signal, rest.signal]);
  let stoppedBy: string | null = null;
  return {
    results,
    /** Whether nothing that is run from now on could change the verdict. */
    settled: () => stoppedBy !== null || context.signal.aborted,
    async run(spec: GateSpec, watching: Pick<GateContext, "onReady" | "others"> = {}): Promise<void> {
      const result = await runGate(spec, { ...context, ...watching, signal });
      const stopped = stoppedBy !== null && !letsPass(result.verdict);
      const { durationMilliseconds } = result;
      results.set(
        spec,
        stopped ? { ...notRun(spec, `stopped: ${stoppedBy} did not pass`), durationMilliseconds } : result,
      );
      if (stoppedBy === null && !letsPass(result.verdict) && !context.signal.aborted) {
        stoppedBy = spec.name;
        rest.abort();
      }
    },
  };
}

function notRun(spec: GateSpec, summary: string): GateResult {
  return { gate: spec.name, kind: spec.kind, verdict: "notRun", summary, evidence: [], durationMilliseconds: 0 };
}

function erroredBy(error: unknown): Finding {
  return { verdict: "errored", summary: messageOf(error), evidence: describeError(error) };
}

function interrupted(startedAt: number): Finding {
  return { verdict: "errored", summary: `interrupted after ${formatDuration(Date.now() - startedAt)}`, evidence: [] };
}

function givenUp(signal: AbortSignal): Promise<Finding> {
  return new Promise((resolve) => {
    const end = () => {
      resolve({ verdict: "errored", summary: "it did not end in time and was given up", evidence: [] });
    };
    signal.addEventListener("abort", end, { once: true });
  });
}
