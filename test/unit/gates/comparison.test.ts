import assert from "node:assert/strict";
import fc from "fast-check";
import { describeComparison, satisfies } from "../../../model/comparison.ts";

const number = fc.double({ noNaN: true });

describe("comparison", () => {
  it("property: each operator and its opposite never agree", () => {
    fc.assert(
      fc.property(number, number, (actual, value) => {
        for (const [one, other] of [
          ["==", "!="],
          ["<", ">="],
          [">", "<="],
        ] as const) {
          assert.notEqual(satisfies(actual, { operator: one, value }), satisfies(actual, { operator: other, value }));
        }
      }),
    );
  });

  it("is never satisfied by a value that is no number, not even by !=", () => {
    for (const operator of ["==", "!=", "<", "<=", ">", ">="] as const) {
      assert.equal(satisfies(NaN, { operator, value: 1 }), false);
    }
  });

  it("reads as people write it", () => {
    assert.equal(describeComparison({ operator: ">=", value: 2 }), ">= 2");
  });
});
