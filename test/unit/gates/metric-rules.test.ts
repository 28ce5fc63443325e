import assert from "node:assert/strict";
import type { Series } from "../../../clients/contracts.ts";
import { metricGate, promqlGate } from "../../../model/gate.ts";
import { judgeSeries } from "../../../steps/gates/metric.ts";
import { judgeSamples } from "../../../steps/gates/promql.ts";

const spec = metricGate.parse({
  kind: "metric",
  name: "lag",
  query: "gim_lag",
  windowSeconds: 10,
  tolerance: 100,
  limit: 5000,
  maxAgeSeconds: 5,
});
const partition = (name: string, values: number[], first = 100): Series => ({
  labels: { __name__: "gim_lag", partition: name },
  points: values.map((value, index) => ({ time: first + index, value })),
});
const flat = partition("0", [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]);
const verdictOf = (answer: ReturnType<typeof judgeSeries>) =>
  "finding" in answer ? answer.finding : { verdict: "waiting", summary: answer.waitingFor };

describe("metric gate's rule", () => {
  it("fails for the one growing partition that a sum would hide, with the numbers", () => {
    const falling = partition("1", [4000, 3600, 3200, 2800, 2400, 2000, 1600, 1200, 800, 400, 0]);
    const growing = partition("2", [0, 40, 80, 120, 160, 200, 240, 280, 320, 360, 400]);
    const finding = verdictOf(judgeSeries(spec, [falling, growing, flat], 110, 10));
    assert.equal(finding.verdict, "failed");
    assert.match(finding.summary, /partition="2".*grew by 400 in 10 s, tolerated are 100; it is now 400/);
  });

  it("passes when no series grows", () => {
    assert.equal(verdictOf(judgeSeries(spec, [flat], 110, 10)).verdict, "passed");
  });

  it("fails above the limit at once, before the window has passed", () => {
    const finding = verdictOf(judgeSeries(spec, [partition("0", [6000])], 101, 1));
    assert.equal(finding.verdict, "failed");
    assert.match(finding.summary, /6000, the limit is 5000/);
  });

  it("waits for the window, for samples, and for a fresh value of every series", () => {
    assert.match(verdictOf(judgeSeries(spec, [flat], 105, 5)).summary, /window/);
    assert.match(verdictOf(judgeSeries(spec, [], 110, 10)).summary, /no samples/);
    assert.match(verdictOf(judgeSeries(spec, [partition("0", [1, 2], 108)], 110, 10)).summary, /2 of 5 samples/);
    assert.match(
      verdictOf(judgeSeries(spec, [flat, partition("1", [1, 1, 1, 1, 1], 90)], 110, 20)).summary,
      /partition="1".*stale/,
    );
  });

  it("counts a counter's growth across its resets", () => {
    const counter = (values: number[]): Series => ({
      ...partition("0", values),
      labels: { __name__: "gim_failed_total" },
    });
    const falls = [100, 140, 180, 0, 40, 80, 120, 0, 40, 80, 120];
    assert.equal(verdictOf(judgeSeries(spec, [counter(falls)], 110, 10)).verdict, "failed");
    assert.equal(verdictOf(judgeSeries(spec, [partition("0", falls)], 110, 10)).verdict, "passed");
  });
});

describe("promql gate's rule", () => {
  const up = promqlGate.parse({
    kind: "promql",
    name: "jobs",
    query: "jobs",
    expect: { operator: ">=", value: 1 },
    minimumSeries: 2,
    maxAgeSeconds: 30,
  });
  const sample = (job: string, value: number, time = 100) => ({
    labels: { __name__: "jobs", job },
    time,
    value,
    evaluatedAt: 110,
  });
  const answerOf = (...samples: ReturnType<typeof sample>[]) => verdictOf(judgeSamples(up, samples));

  it("passes only when every series satisfies the condition", () => {
    assert.equal(answerOf(sample("a", 1), sample("b", 2)).verdict, "passed");
    assert.match(answerOf(sample("a", 1), sample("b", 0)).summary, /jobs\{job="b"\} is 0, wanted >= 1/);
  });

  it("waits on absence, too few series, staleness and values that are no numbers", () => {
    assert.match(answerOf().summary, /no series/);
    assert.match(answerOf(sample("a", 1)).summary, /1 series, at least 2 wanted/);
    assert.match(answerOf(sample("a", 1), sample("b", 1, 70)).summary, /job="b".*stale.*40 s old/);
    assert.equal(answerOf(sample("a", 1), sample("b", NaN)).verdict, "waiting");
  });
});
