import assert from "node:assert/strict";
import * as fc from "fast-check";
import { figuresOf, judgeFigure, type PerformanceRule } from "../../../model/performance.ts";

const rule: PerformanceRule = { name: "latency", service: "gim", query: "q", worse: "higher" };
const verdict = (changes: Partial<PerformanceRule>, now: number | null, before: number | null = null) =>
  judgeFigure({ ...rule, ...changes }, { now, before }).verdict;

describe("a performance figure", () => {
  it("fails beyond its absolute limits, whatever it was before", () => {
    assert.equal(verdict({ maximum: 200, tolerancePercent: 500 }, 201, 190), "failed");
    assert.equal(verdict({ maximum: 200 }, 200), "passed");
    assert.equal(verdict({ minimum: 10 }, 9), "failed");
  });

  it("fails when it is worse than before by more than is tolerated, in the direction that is worse", () => {
    assert.equal(verdict({ tolerancePercent: 10 }, 110, 100), "passed");
    assert.equal(verdict({ tolerancePercent: 10 }, 111, 100), "failed");
    assert.equal(verdict({ tolerancePercent: 10, worse: "lower" }, 89, 100), "failed");
    assert.equal(verdict({ tolerancePercent: 10, worse: "lower" }, 500, 100), "passed");
  });

  it("without a baseline it is open whether it became worse, but a broken limit is a plain no", () => {
    assert.equal(verdict({ tolerancePercent: 10 }, 100, null), "inconclusive");
    assert.equal(verdict({ tolerancePercent: 10, maximum: 50 }, 100, null), "failed");
    assert.equal(verdict({ maximum: 200 }, 100, null), "passed");
  });

  it("that Prometheus does not give is an error, never a pass", () => {
    assert.equal(verdict({}, null), "errored");
    assert.equal(verdict({ maximum: 1 }, Number.NaN), "errored");
  });

  it("equal to the baseline always passes; the worse it gets, the verdict never becomes better", () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const percent = fc.integer({ min: 0, max: 200 });
    fc.assert(
      fc.property(
        number,
        percent,
        fc.constantFrom("higher" as const, "lower" as const),
        (before, tolerancePercent, worse) => {
          assert.equal(verdict({ tolerancePercent, worse }, before, before), "passed");
        },
      ),
    );
    fc.assert(
      fc.property(
        number,
        number,
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        percent,
        (before, now, more, tolerancePercent) => {
          if (verdict({ tolerancePercent }, now, before) === "failed") {
            assert.equal(verdict({ tolerancePercent }, now + more, before), "failed");
          }
        },
      ),
    );
  });
});

describe("figures to ask for", () => {
  it("a rule of a role counts for each tenant's service, under its own name", () => {
    const services = [
      { name: "gim-t100", role: "gim" },
      { name: "gim-t200", role: "gim" },
      { name: "gsp", role: "gsp" },
    ];
    const rules = [rule, { ...rule, name: "jobs", service: "gsp" }, { ...rule, name: "one", service: "gim-t200" }];
    assert.deepEqual(
      figuresOf(rules, services).map(({ key, service }) => [key, service]),
      [
        ["latency/gim-t100", "gim-t100"],
        ["latency/gim-t200", "gim-t200"],
        ["jobs", "gsp"],
        ["one", "gim-t200"],
      ],
    );
  });
});
