import type { Series } from "../../clients/contracts.ts";
import { isCounterName, judgeTrend, withoutResets, type Trend } from "../../model/trend.ts";
import type { GateOf } from "../../model/gate.ts";
import { askAgain, type Answer } from "./ask-again.ts";
import type { Gate } from "./contract.ts";
import { prometheusOf } from "./prometheus-of.ts";
import { seriesName, shortNumber } from "./series-name.ts";

/**
 * Judges every series of a selector over a window that begins with the gate: what was before the release does not count. It waits for the end
 * of the window, since a backlog that grows for a moment after a restart and then shrinks is normal; only a value above `limit` fails at
 * once. Never a sum: one growing partition would hide behind the others. Absence, staleness and too few samples are waited out and fail at
 * the time-out.
 */
export const judge: Gate<"metric"> = async (spec, context) => {
  const prometheus = prometheusOf(context, spec.name);
  if (spec.windowSeconds > spec.timeoutSeconds) {
    const summary = `its window of ${spec.windowSeconds} s is longer than its time-out of ${spec.timeoutSeconds} s`;
    return { verdict: "errored", summary, evidence: ["correct the gate in the release set"] };
  }
  // All times are those of the Prometheus server, so that no difference of clocks matters.
  let beganAt: number | null = null;
  return askAgain(spec.name, context, async () => {
    const now = (await prometheus.query("time()"))[0]?.time ?? Date.now() / 1000;
    beganAt ??= now;
    const elapsed = now - beganAt;
    const series = await prometheus.window(spec.query, Math.max(1, Math.min(elapsed, spec.windowSeconds)));
    const since = beganAt;
    const within = series.map(({ labels, points }) => ({
      labels,
      points: points.filter((point) => point.time >= since),
    }));
    return judgeSeries(spec, within, now, elapsed);
  });
};

/** The rule itself. `now` and `elapsed` in seconds of the server's clock. */
export function judgeSeries(spec: GateOf<"metric">, series: readonly Series[], now: number, elapsed: number): Answer {
  const present = series.filter((entry) => entry.points.length > 0);
  const trends = present.map((entry) => ({ ...entry, name: seriesName(entry.labels), trend: trendOf(spec, entry) }));
  const evidence = trends.map(({ name, trend }) => `${name}: ${describe(trend)}`).slice(0, 20);
  const failed = (summary: string) => ({ finding: { verdict: "failed" as const, summary, evidence } });
  const { limit } = spec;
  const above = limit === undefined ? undefined : trends.find(({ trend }) => trend.maximum > limit);
  if (above !== undefined)
    return failed(`${above.name} reached ${shortNumber(above.trend.maximum)}, the limit is ${limit}`);
  const wait = (waitingFor: string): Answer => ({ waitingFor, evidence: [`query: ${spec.query}`, ...evidence] });
  if (elapsed < spec.windowSeconds) {
    const waitingFor = `the window of ${spec.windowSeconds} s has not passed (${present.length} series so far)`;
    return { ...wait(waitingFor), againInMilliseconds: Math.ceil((spec.windowSeconds - elapsed) * 1000) };
  }
  if (present.length === 0) return wait(`no samples for ${spec.query}`);
  const old = trends.find(({ points }) => now - (points.at(-1)?.time ?? 0) > spec.maxAgeSeconds);
  if (old !== undefined) {
    const age = Math.round(now - (old.points.at(-1)?.time ?? 0));
    return wait(`${old.name} is stale: its last sample is ${age} s old, at most ${spec.maxAgeSeconds} s allowed`);
  }
  const worst = [...trends].sort((a, b) => b.trend.growth - a.trend.growth)[0];
  if (worst !== undefined && worst.trend.verdict === "growing") {
    const grew = `${worst.name} grew by ${shortNumber(worst.trend.growth)} in ${spec.windowSeconds} s`;
    return failed(`${grew}, tolerated are ${spec.tolerance}; it is now ${shortNumber(worst.trend.last)}`);
  }
  const few = trends.find(({ trend }) => trend.verdict === "tooFewSamples");
  if (few !== undefined) return wait(`${few.name} has ${few.trend.samples} of ${spec.minimumSamples} samples`);
  const unknown = trends.find(({ trend }) => trend.verdict === "notANumber");
  if (unknown !== undefined) return wait(`${unknown.name} has samples that are not numbers`);
  const highest = Math.max(...trends.map(({ trend }) => trend.maximum));
  const summary = `${trends.length} series not growing over ${spec.windowSeconds} s, highest value ${shortNumber(highest)}`;
  return { finding: { verdict: "passed", summary, evidence } };
}

function trendOf(spec: GateOf<"metric">, { labels, points }: Series): Trend {
  if (!isCounterName(labels["__name__"] ?? "")) return judgeTrend(points, spec);
  const counted = judgeTrend(withoutResets(points), spec);
  const shown = judgeTrend(points, spec);
  // Growth counts across resets; the limit is about the values that are really there.
  return { ...counted, maximum: shown.maximum, last: shown.last };
}

function describe({ growth, maximum, last, samples }: Trend): string {
  return `last ${shortNumber(last)}, highest ${shortNumber(maximum)}, growth ${shortNumber(growth)}, ${samples} samples`;
}
