import assert from "node:assert/strict";
import type { Stage } from "../../../sandbox/simulators/application.ts";
import { metric } from "../../../sandbox/simulators/application.ts";
import { FaultBoard } from "../../../sandbox/simulators/fault-board.ts";
import { gimMetrics } from "../../../sandbox/simulators/gim/metrics.ts";
import { samplePod } from "./sample-pod.ts";

const series = (text: string): Map<string, number> =>
  new Map(
    text
      .trim()
      .split("\n")
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );

describe("GIM's simulated metrics", () => {
  const faults = new FaultBoard();
  const pod = samplePod({ release: "gim-t100", image: "gim/gim:1" });
  const at = (now: number): Map<string, number> =>
    series(gimMetrics({ faults, pod } as unknown as Stage, "8.5.115", now));
  const lags = (now: number): number[] =>
    [...at(now)].flatMap(([name, value]) => (name.startsWith("gim_kafka") ? [value] : []));

  it("serves the schema version and one lag per topic and partition", () => {
    assert.equal(at(0).get('gim_server_state{schema_version="8.5.115"}'), 1);
    assert.equal(at(0).get("gim_failed_jobsteps"), 0);
    assert.equal(lags(0).length, 5);
  });

  it("the lag is flat, give or take a little, until it is told to grow by a second each second", () => {
    const calm = [0, 60_000, 300_000].flatMap(lags);
    assert.ok(Math.max(...calm) - Math.min(...calm) <= 100);
    faults.set([{ application: "gim", fault: "growingLag" }]);
    const start = Date.now();
    const before = lags(start);
    const after = lags(start + 60_000);
    for (const [index, value] of after.entries()) assert.ok(Math.abs(value - (before[index] ?? 0) - 60_000) <= 100);
  });

  it("quotes label values", () => {
    assert.equal(metric("m", 2, { a: 'x"y' }), 'm{a="x\\"y"} 2\n');
  });
});
