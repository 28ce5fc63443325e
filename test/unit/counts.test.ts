import assert from "node:assert/strict";
import { countTests } from "../counts.ts";

describe("counting what mocha says", () => {
  it("passed, failed and pending, in colour too", () => {
    assert.deepEqual(countTests("\n\u001b[32m  12 passing\u001b[0m (3s)\n  2 failing\n  1 pending\n", 2), {
      passed: 12,
      failed: 3,
    });
  });

  it("a tier that ran nothing, or died without a word, has failed", () => {
    assert.deepEqual(countTests("  0 passing (1ms)\n", 0), { passed: 0, failed: 1 });
    assert.deepEqual(countTests("Error: cannot find module", 1), { passed: 0, failed: 1 });
  });
});
