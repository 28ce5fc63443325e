import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeTrend, median, withoutResets, type Point } from "../../../model/trend.ts";

const series = (values: readonly number[]): Point[] => values.map((value, index) => ({ time: 1000 + index, value }));
const rule = (values: readonly number[], tolerance: number) => ({
  windowSeconds: values.length - 1,
  minimumSamples: 5,
  tolerance,
});
const judge = (values: readonly number[], tolerance = 10) => judgeTrend(series(values), rule(values, tolerance));

describe("trend of a series", () => {
  it("calls a steady climb growing and tells by how much", () => {
    const trend = judge([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    assert.equal(trend.verdict, "growing");
    assert.ok(Math.abs(trend.growth - 90) < 1e-6);
    assert.equal(trend.maximum, 90);
  });

  it("calls a shrinking backlog and a single spike steady", () => {
    assert.equal(judge([900, 700, 500, 300, 200, 100, 0, 0, 0, 0]).verdict, "steady");
    assert.equal(judge([5, 5, 5, 5, 5000, 5, 5, 5, 5, 5]).verdict, "steady");
  });

  it("sees a step and a climb that begins late", () => {
    assert.equal(judge([0, 0, 0, 0, 0, 0, 100, 100, 100, 100]).verdict, "growing");
    assert.equal(judge([0, 0, 0, 0, 0, 0, 0, 40, 80, 120]).verdict, "growing");
  });

  it("does not judge too few samples, or samples that are no numbers", () => {
    assert.equal(judge([1, 2, 3]).verdict, "tooFewSamples");
    assert.equal(judge([1, 2, NaN, 4, 5, 6]).verdict, "notANumber");
    assert.equal(judge([]).verdict, "tooFewSamples");
  });

  it("counts across the resets of a counter", () => {
    assert.deepEqual(
      withoutResets(series([5, 7, 1, 3])).map((point) => point.value),
      [5, 7, 8, 10],
    );
  });

  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 5, maxLength: 40 });

  it("property: falling and constant series never grow, whatever the tolerance", () => {
    fc.assert(
      fc.property(values, (list) => {
        const falling = [...list].sort((a, b) => b - a);
        assert.equal(judge(falling, 0).verdict, "steady");
        assert.equal(
          judge(
            list.map(() => list[0] ?? 0),
            0,
          ).verdict,
          "steady",
        );
      }),
    );
  });

  it("property: a line that climbs by more than the tolerance grows, by less it does not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 60 }), fc.double({ min: 1, max: 1e5, noNaN: true }), (length, climb) => {
        const line = Array.from({ length }, (_, index) => (climb * index) / (length - 1));
        assert.equal(judge(line, climb * 0.99).verdict, "growing");
        assert.equal(judge(line, climb * 1.01).verdict, "steady");
      }),
    );
  });

  it("property: moving a series up or in time changes nothing", () => {
    const shift = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 5, maxLength: 30 }),
        shift,
        (list, by) => {
          const moved = list.map((value, index) => ({ time: 5000 + by + index, value: value + by }));
          const difference = judgeTrend(moved, rule(list, 10)).growth - judge(list).growth;
          assert.ok(Math.abs(difference) < 1e-6);
        },
      ),
    );
  });

  it("property: the median lies between the smallest and the largest value and ignores the order", () => {
    fc.assert(
      fc.property(values, (list) => {
        const middle = median(list);
        assert.ok(middle >= Math.min(...list) && middle <= Math.max(...list));
        assert.ok(middle === median([...list].reverse()));
      }),
    );
  });
});
