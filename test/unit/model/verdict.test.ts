import assert from "node:assert/strict";
import fc from "fast-check";
import { letsPass, worstOf, type Verdict } from "../../../model/verdict.ts";

const verdicts: Verdict[] = ["passed", "failed", "errored", "inconclusive", "skipped", "notRun"];
const list = fc.array(fc.constantFrom(...verdicts), { maxLength: 8 });

describe("verdicts", () => {
  it("a proven no outweighs could-not-tell, and that outweighs a person's decision", () => {
    assert.equal(worstOf(["errored", "failed", "passed"]), "failed");
    assert.equal(worstOf(["inconclusive", "errored"]), "errored");
    assert.equal(worstOf(["passed", "skipped"]), "passed");
    assert.equal(worstOf([]), "skipped");
  });

  it("the worst of many is one of them and does not depend on their order", () => {
    fc.assert(
      fc.property(list, (verdictList) => {
        const worst = worstOf(verdictList);
        assert.ok(verdictList.length === 0 || verdictList.includes(worst));
        assert.equal(worstOf([...verdictList].reverse()), worst);
      }),
    );
  });

  it("a run goes on only when every single verdict lets it", () => {
    fc.assert(
      fc.property(list, (verdictList) => assert.equal(letsPass(worstOf(verdictList)), verdictList.every(letsPass))),
    );
  });

  it("only passed and skipped let a run go on", () => {
    assert.deepEqual(verdicts.filter(letsPass), ["passed", "skipped"]);
  });
});
