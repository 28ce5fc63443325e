import assert from "node:assert/strict";
import fc from "fast-check";
import { CutoverError } from "../../../model/error.ts";
import { letsPass } from "../../../model/verdict.ts";
import type { Check, CheckResult } from "../../../steps/preflight/contract.ts";
import { judge, stops } from "../../../steps/preflight/judge.ts";
import { failed, passed } from "../../../steps/preflight/outcome.ts";
import { runChecks, type CheckRun } from "../../../steps/preflight/run-checks.ts";
import { problemLines, summaryOf, tableRows } from "../../../steps/preflight/table.ts";
import { contextOf, service } from "./situation.ts";

const check = (name: string, run: Check["run"], overridable = true): Check => ({
  name,
  code: "CUT-3999",
  overridable,
  run,
});
const context = contextOf({ services: [service("gim", "r2026-08")] });
const verdict = fc.constantFrom<CheckResult["verdict"]>("passed", "failed", "errored", "skipped");

function runOf(name: string, result: CheckResult["verdict"], overridable: boolean): CheckRun {
  const found: CheckResult = { verdict: result, summary: `${name} ${result}`, evidence: [] };
  return { check: check(name, () => Promise.resolve(found), overridable), result: found, durationMilliseconds: 1 };
}

describe("running checks", () => {
  it("gives every check's result, whatever the others do", async () => {
    const runs = await runChecks(
      [
        check("good", () => Promise.resolve(passed("fine"))),
        check("throws", () => {
          throw new Error("at once");
        }),
        check("rejects", () => Promise.reject(new Error("later"))),
        check("says-no", () =>
          Promise.reject(
            new CutoverError({ code: "CUT-4202", verdict: "failed", happened: "no Secret", evidence: ["gim"] }),
          ),
        ),
      ],
      context,
    );
    assert.deepEqual(
      runs.map(({ check: one, result }) => [one.name, result.verdict, result.code]),
      [
        ["good", "passed", undefined],
        ["throws", "errored", "CUT-3191"],
        ["rejects", "errored", "CUT-3191"],
        ["says-no", "failed", "CUT-4202"],
      ],
    );
  });

  it("ends a check that never answers as errored, and the others are not held up", async () => {
    const started = performance.now();
    const runs = await runChecks(
      [check("silent", () => new Promise(() => undefined)), check("good", () => Promise.resolve(passed("fine")))],
      context,
      50,
    );
    assert.equal(runs[0]?.result.verdict, "errored");
    assert.equal(runs[0]?.result.code, "CUT-3190");
    assert.ok((runs[1]?.durationMilliseconds ?? 1000) < 50);
    assert.ok(performance.now() - started < 5000);
  });
});

describe("overrides", () => {
  it("let exactly the named check pass, and only when it may be overridden", () => {
    const named = fc.record({ result: verdict, overridable: fc.boolean(), overridden: fc.boolean() });
    fc.assert(
      fc.property(fc.array(named, { maxLength: 6 }), (list) => {
        const runs = list.map((one, index) => runOf(`c${index}`, one.result, one.overridable));
        const overrides = list.flatMap((one, index) =>
          one.overridden ? [{ check: `c${index}`, reason: "known problem" }] : [],
        );
        const judgement = judge(runs, overrides);
        const stopping = list.map((one) => !letsPass(one.result) && !(one.overridden && one.overridable));
        assert.deepEqual(judgement.checks.map(stops), stopping);
        assert.equal(letsPass(judgement.verdict), !stopping.includes(true));
        const used = list.flatMap((one, index) =>
          one.overridden && one.overridable && !letsPass(one.result) ? [`c${index}`] : [],
        );
        assert.deepEqual(
          judgement.usedOverrides.map((one) => one.check),
          used,
        );
      }),
    );
  });

  it("of a check marked ! are refused in words", () => {
    const judgement = judge([runOf("hold", "failed", false)], [{ check: "hold", reason: "we are in a hurry" }]);
    assert.match(problemLines(judgement.checks).join("\n"), /hold can't be overridden/);
  });
});

describe("the table", () => {
  const judgement = judge(
    [
      runOf("good", "passed", true),
      runOf("bad", "failed", true),
      runOf("unclear", "errored", true),
      runOf("known", "failed", true),
      runOf("none", "skipped", true),
    ],
    [{ check: "known", reason: "agreed with the vendor" }],
  );

  it("says every verdict in words", () => {
    const words = tableRows(judgement).map((row) => row.split(/ {2,}/)[0]);
    assert.deepEqual(words, ["✓ passed", "✗ failed", "? errored", "! overridden", "- skipped"]);
    assert.match(tableRows(judgement)[3] ?? "", /override: agreed with the vendor/);
    assert.equal(
      summaryOf(judgement),
      "5 checks: 1 passed, 1 skipped, 1 overridden (known), 1 failed (bad), 1 errored (unclear)",
    );
  });

  it("tells one cause once, with all checks that it stops", () => {
    const gone: CheckResult = {
      verdict: "errored",
      code: "CUT-4001",
      summary: "the API server cannot be reached",
      evidence: ["ECONNREFUSED"],
      next: "check the kubeconfig",
    };
    const runs = ["hold", "drift", "rights"].map((name) => ({ ...runOf(name, "errored", true), result: gone }));
    assert.deepEqual(problemLines(judge(runs, []).checks), [
      "CUT-4001 errored: the API server cannot be reached",
      "  check: hold, drift, rights",
      "  evidence: ECONNREFUSED",
      "  untouched: nothing was touched: no database, no Helm release, no pod",
      "  next: check the kubeconfig",
    ]);
  });

  it("gives every no a code, what is untouched and the next command", () => {
    const result = failed("on hold", ["reason: x"], "cutover unhold infomart-dev");
    const lines = problemLines(judge([{ ...runOf("hold", "failed", true), result }], []).checks).join("\n");
    for (const part of [
      /CUT-3999 failed: on hold/,
      /evidence: reason: x/,
      /untouched: nothing/,
      /next: cutover unhold/,
    ])
      assert.match(lines, part);
  });
});
