import type { Sample } from "../../clients/contracts.ts";
import { describeComparison, satisfies } from "../../model/comparison.ts";
import type { GateOf } from "../../model/gate.ts";
import { askAgain, type Answer } from "./ask-again.ts";
import type { Gate } from "./contract.ts";
import { prometheusOf } from "./prometheus-of.ts";
import { seriesName, shortNumber } from "./series-name.ts";

/**
 * Passes as soon as every series of the query satisfies the condition, fresh and in sufficient number. While it does not, it is asked again
 * until the time-out: right after a start the first scrapes are still to come. For conditions that cannot heal a release set chooses a short
 * `timeoutSeconds`.
 */
export const judge: Gate<"promql"> = (spec, context) => {
  const prometheus = prometheusOf(context, spec.name);
  return askAgain(spec.name, context, async () => judgeSamples(spec, await prometheus.query(spec.query)));
};

/** The rule itself: absence, staleness and "not a number" never satisfy. */
export function judgeSamples(spec: GateOf<"promql">, samples: readonly Sample[]): Answer {
  const { expect, minimumSeries, maxAgeSeconds } = spec;
  const wanted = describeComparison(expect);
  const evidence = samples.slice(0, 20).map((sample) => `${seriesName(sample.labels)} = ${shortNumber(sample.value)}`);
  if (samples.length < minimumSeries) {
    const found = samples.length === 0 ? "no series" : `${samples.length} series, at least ${minimumSeries} wanted`;
    return { waitingFor: `${found} for ${spec.query}`, evidence: [`query: ${spec.query}`, ...evidence] };
  }
  const ageOf = (sample: Sample) => (sample.evaluatedAt ?? sample.time) - sample.time;
  const stale = samples.find((sample) => ageOf(sample) > maxAgeSeconds);
  if (stale !== undefined) {
    const age = `${shortNumber(Math.round(ageOf(stale)))} s old, at most ${maxAgeSeconds} s allowed`;
    return { waitingFor: `${seriesName(stale.labels)} is stale: ${age}`, evidence };
  }
  const wrong = samples.filter((sample) => !satisfies(sample.value, expect));
  const [first] = wrong;
  if (first !== undefined) {
    const others = wrong.length > 1 ? ` (and ${wrong.length - 1} more series)` : "";
    const waitingFor = `${seriesName(first.labels)} is ${shortNumber(first.value)}, wanted ${wanted}${others}`;
    return { waitingFor, evidence };
  }
  const series = samples.length === 1 ? `${evidence[0] ?? ""}` : `all ${samples.length} series`;
  return {
    finding: {
      verdict: "passed",
      summary: `${series} ${samples.length === 1 ? "satisfies" : "satisfy"} ${wanted}`,
      evidence,
    },
  };
}
