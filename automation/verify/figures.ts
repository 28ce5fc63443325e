import type { Prometheus } from "../../clients/contracts.ts";
import { createPrometheus } from "../../clients/prometheus.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import { figuresOf, type PerformanceFigure } from "../../model/performance.ts";
import { expandPlaceholders } from "../../model/placeholders.ts";
import type { ResolvedService } from "../../model/service.ts";
import type { StackSettings } from "../../model/stack-settings.ts";

/** A figure as Prometheus gives it now; `now` null: it gives none, and why. */
export interface MeasuredFigure extends PerformanceFigure {
  now: number | null;
  problem: string | null;
}

/** Asks Prometheus for all figures of `cutover:performance` that belong to these services. Throws CUT-6322 when the stack names none. */
export async function measureFigures(
  settings: Pick<StackSettings, "performance" | "prometheus">,
  services: readonly ResolvedService[],
  signal: AbortSignal,
): Promise<MeasuredFigure[]> {
  const figures = figuresOf(settings.performance, services);
  if (figures.length === 0) return [];
  if (settings.prometheus === undefined) throw noPrometheus();
  const prometheus = createPrometheus(settings.prometheus, { signal });
  return Promise.all(
    figures.map(async (figure): Promise<MeasuredFigure> => {
      const service = services.find(({ name }) => name === figure.service);
      if (service === undefined) return { ...figure, now: null, problem: "its service is not there" };
      const known = { tenant: service.tenant, namespace: service.namespace, release: service.helmRelease };
      const query = expandPlaceholders(figure.rule.query, known, `cutover:performance ${figure.rule.name}`);
      return { ...figure, ...(await ask(prometheus, query)) };
    }),
  );
}

async function ask(prometheus: Prometheus, query: string): Promise<Pick<MeasuredFigure, "now" | "problem">> {
  try {
    const samples = await prometheus.query(query);
    const [first, second] = samples;
    if (first === undefined) return { now: null, problem: `no series for ${query}` };
    if (second !== undefined)
      return { now: null, problem: `${samples.length} series, one number wanted, for ${query}` };
    // The ledger keeps JSON, which has neither NaN nor infinity: there was nothing to divide by.
    if (!Number.isFinite(first.value)) return { now: null, problem: `${first.value} for ${query}` };
    return { now: first.value, problem: null };
  } catch (error) {
    return { now: null, problem: messageOf(error) };
  }
}

function noPrometheus(): CutoverError {
  return new CutoverError({
    code: "CUT-6322",
    verdict: "errored",
    happened: "cutover:performance asks Prometheus, and the stack names none",
    untouched: "Nothing was changed.",
    next: "Set cutover:prometheus in the stack file.",
    exitCode: 2,
  });
}
