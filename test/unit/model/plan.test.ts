import assert from "node:assert/strict";
import fc from "fast-check";
import { median } from "../../../model/expected-duration.ts";
import { summarize } from "../../../model/ledger-summary.ts";
import type { EntryBody } from "../../../model/ledger.ts";
import { makePlan, type PlannedService } from "../../../model/plan.ts";
import { attemptEntry, makePages, passedRun, receiptEntry, targetDigestOf } from "./ledger-pages.ts";

const releaseOrder = ["r2026-05", "r2026-08", "r2026-11", "r2027-02"];

function service(name: string, digest: string, releaseSet: string, more: Partial<PlannedService> = {}): PlannedService {
  return {
    name,
    role: name,
    digest,
    releaseSet,
    steps: ["check", "release", "verify"],
    schemaClass: "any",
    schemaVersion: null,
    customObjects: [],
    ...more,
  };
}
const gim = (digest: string, releaseSet: string, more: Partial<PlannedService> = {}) =>
  service("gim", digest, releaseSet, {
    steps: ["check", "backup", "release", "migrate", "verify"],
    schemaVersion: { from: "4", to: "5" },
    ...more,
  });
const targetsOf = (services: PlannedService[]) =>
  services.map(({ name, digest, releaseSet }) => ({ service: name, digest, releaseSet }));

function plan(services: PlannedService[], bodies: EntryBody[][], open = false) {
  const pages = makePages(bodies, open);
  const targetDigest = targetDigestOf(targetsOf(services));
  return makePlan({
    releaseSet: services[0]?.releaseSet ?? "",
    targetDigest,
    services,
    releaseOrder,
    summary: summarize(pages),
    pages,
  });
}
const running = (result: ReturnType<typeof plan>) =>
  result.steps.filter((step) => step.runs).map((step) => `${step.service ?? "platform"} ${step.step}`);

describe("plan", () => {
  const before = [gim("d1", "r2026-08"), service("gsp", "d2", "r2026-08")];
  const after = [gim("d8", "r2026-11"), service("gsp", "d2", "r2026-08")];

  it("runs only what changed, with preflight first and finish last", () => {
    const result = plan(after, [passedRun(1, targetsOf(before))]);
    assert.deepEqual(running(result), [
      "platform preflight",
      "gim check",
      "gim backup",
      "gim release",
      "gim migrate",
      "gim verify",
      "platform finish",
    ]);
    assert.deepEqual(
      result.directions.map((one) => one.direction),
      ["upgrade", "same"],
    );
  });

  it("of a no-op runs nothing and says why", () => {
    const result = plan(before, [passedRun(1, targetsOf(before))]);
    assert.deepEqual(running(result), []);
    assert.equal(result.nothingToDo, true);
    assert.equal(result.expectedMilliseconds, 0);
    assert.match(result.steps[1]?.reason ?? "", /verified at this digest by attempt 1\.1/);
  });

  it("keeps the backup of the interrupted run, but reads it again", () => {
    const target = targetsOf(after)[0] ?? null;
    const open = [
      attemptEntry("2.1", "r2026-11", targetsOf(after)),
      receiptEntry("check", target, "2.1"),
      receiptEntry("backup", target, "2.1"),
    ];
    const result = plan(after, [passedRun(1, targetsOf(before)), open], true);
    assert.equal(result.attempt, "2.2");
    assert.match(result.steps.find((step) => step.step === "backup")?.reason ?? "", /backup of attempt 2\.1/);
  });

  it("names the stops when the target is too far", () => {
    const far = [gim("d8", "r2027-02")];
    assert.deepEqual(plan(far, [passedRun(1, targetsOf([gim("d1", "r2026-05")]))]).stops, ["r2026-11"]);
    assert.deepEqual(plan(far, []).stops, [], "a first install needs none");
  });

  it("expects the median of past receipts, and admits what was never measured", () => {
    const runs = [300, 100, 200].map((milliseconds, index) => passedRun(index + 1, targetsOf(before), milliseconds));
    const result = plan([gim("d1", "r2026-08"), service("gsp", "d7", "r2026-11")], runs);
    const verify = result.steps.find((step) => step.service === "gsp" && step.step === "verify");
    assert.equal(verify?.expectedMilliseconds, 200);
    assert.equal(result.expectedMilliseconds, 800);
    assert.equal(plan(after, runs).expectedMilliseconds, null, "backup and migrate were never measured");
  });

  it("says what a rollback leaves", () => {
    assert.match(
      plan(after, [passedRun(1, targetsOf(before))]).rollbackLeaves[0] ?? "",
      /gim: schema 4 -> 5 stays migrated/,
    );
    const restore = plan([gim("d8", "r2026-11", { schemaClass: "restore" })], []);
    assert.match(restore.rollbackLeaves[0] ?? "", /only by restoring the backup/);
    assert.deepEqual(plan([gim("d8", "r2026-11", { schemaVersion: { from: "5", to: "5" } })], []).rollbackLeaves, []);
  });

  it("lists every step of every service in the given order, run or not", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 6 }), (digests) => {
        const services = digests.map((digest, index) => service(`s${index}`, digest, "r2026-11"));
        const past = services.map((one) => ({ service: one.name, digest: "a", releaseSet: "r2026-08" }));
        const result = plan(services, [passedRun(1, past)]);
        assert.deepEqual(
          result.steps.slice(1, -1).map((step) => step.service),
          services.flatMap((one) => one.steps.map(() => one.name)),
        );
        for (const [index, digest] of digests.entries()) {
          const runs = result.steps.filter((step) => step.service === `s${index}`).map((step) => step.runs);
          assert.ok(runs.every((one) => one === (digest !== "a")));
        }
        assert.equal(
          result.nothingToDo,
          digests.every((digest) => digest === "a"),
        );
      }),
    );
  });
});

describe("median", () => {
  it("lies between the smallest and the largest, and half of the values lie on either side", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1 }), (values) => {
        const middle = median(values) ?? -1;
        assert.ok(values.filter((value) => value <= middle).length * 2 >= values.length);
        assert.ok(values.filter((value) => value >= middle).length * 2 >= values.length);
      }),
    );
    assert.equal(median([]), null);
  });
});
