import assert from "node:assert/strict";
import type { EntryBody, Page } from "../../../model/ledger.ts";
import { stoppedNodes, untouchedRun } from "../../../model/past-runs.ts";
import { movesOf, settingsFor } from "../../../model/pins.ts";
import { standingAfterwards, type planRollback } from "../../../model/rollback.ts";
import type { StepKind } from "../../../model/step.ts";
import type { Verdict } from "../../../model/verdict.ts";
import { at, attempt, failedAt, order, page, planned, receipt, verifiedAll } from "./rollback-pages.ts";

const step = (run: number, kind: StepKind, verdict: Verdict = "passed", facts = {}): EntryBody => {
  const body = receipt(run, "", kind, "b", verdict);
  assert.ok(body.kind === "receipt");
  return { ...body, digest: null, receipt: { ...body.receipt, service: null, facts } };
};
const removed: EntryBody[] = order.map((service) => ({
  kind: "removed",
  service,
  namespace: "n",
  helmRelease: service,
}));

describe("a rollback of a platform that ran on nodes before", () => {
  it("goes back to a release set without the services by removing them, the last one first", () => {
    const before = page(1, [{ ...attempt(1, "v6"), targets: [] } as EntryBody]);
    const asked: (string | null)[] = [];
    const plan = planned([before, failedAt(2, "b", 1)], {
      scope: "run",
      without: (releaseSet) => {
        asked.push(releaseSet);
        return { releaseSet: "v6", services: new Set(order) };
      },
    });
    assert.deepEqual(asked, ["v6"]);
    assert.deepEqual(
      plan.targets.map(({ service, to, removed, migratedAt }) => ({ service, to, removed, migratedAt })),
      [
        { service: "gim-monitoring", to: "v6", removed: true, migratedAt: at(2) },
        { service: "gim", to: "v6", removed: true, migratedAt: null },
      ],
    );
    assert.equal(plan.release, "v6");
    const moves = movesOf(
      plan.standing,
      plan.targets.map(({ service, to }) => ({ service, releaseSet: to })),
    );
    assert.deepEqual(settingsFor(plan.release, moves[0]?.after ?? new Map()).pins, { gim: "b" });
    assert.equal(settingsFor(plan.release, moves[1]?.after ?? new Map()).pins, null);
  });

  it("what runs on nodes comes back whole: one of its successors that failed takes all of them along", () => {
    const run = { ...failedAt(1, "b", 2), open: false };
    const without = () => ({ releaseSet: "v6", services: new Set(order) });
    const names = (request: Partial<Parameters<typeof planRollback>[2]>) =>
      planned([run], { scope: "service", without, ...request }).targets.map(({ service }) => service);
    assert.deepEqual(names({}), ["gsp", "gim-monitoring", "gim"]);
    assert.deepEqual(names({ service: "gsp" }), ["gsp"]);
    assert.deepEqual(
      [...standingAfterwards(planned([run], { scope: "service", without, service: "gsp" }))],
      [
        ["gim", "b"],
        ["gim-monitoring", "b"],
      ],
    );
    assert.equal(standingAfterwards(planned([run], { scope: "service", without })).size, 0);
  });

  it("a migration of an earlier attempt at the same goal counts until the databases are replaced", () => {
    const first = { ...failedAt(2, "b", 0), open: false };
    const second = page(3, [attempt(3, "c"), receipt(3, "gim", "check", "c", "failed")]);
    const of = (pages: Page[]) => planned(pages, { scope: "run" }).targets[0];
    assert.deepEqual(
      [of([verifiedAll(1, "a"), first, second])?.to, of([verifiedAll(1, "a"), first, second])?.migratedAt],
      ["a", at(2)],
    );
    const restored = page(4, [
      { kind: "platformRestore", id: "r", backupId: "b", stamp: "s", phase: "ended", reason: "", by: "me" },
    ]);
    const third = page(5, [attempt(5, "c"), receipt(5, "gim", "check", "c", "failed")]);
    assert.equal(of([verifiedAll(1, "a"), first, second, restored, third])?.migratedAt, null);
    assert.equal(
      of([verifiedAll(1, "a"), verifiedAll(2, "b"), page(3, [attempt(3, "c"), receipt(3, "gim", "check", "c")])])
        ?.migratedAt,
      null,
    );
  });

  it("a run that came no further than the platform's own steps is told apart, with what stands", () => {
    const stopped = page(3, [attempt(3, "b"), step(3, "quiesce"), step(3, "backup", "failed")], true);
    const found = (pages: Page[]) => {
      const untouched = untouchedRun(pages);
      return untouched === null ? null : [untouched.run.number, ...new Set(untouched.standing.values())];
    };
    assert.deepEqual(found([stopped]), [3]);
    assert.deepEqual(found([verifiedAll(1, "a"), stopped]), [3, "a"]);
    assert.deepEqual(found([verifiedAll(1, "a"), page(2, removed), stopped]), [3]);
    // What an earlier run left half done has to go back first.
    assert.equal(found([{ ...failedAt(1, "a", 1), open: false }, stopped]), null);
    assert.equal(found([page(3, [attempt(3, "b"), step(3, "preflight", "failed")])]), null);
    assert.equal(found([page(3, [attempt(3, "b"), step(3, "quiesce"), receipt(3, "gim", "check", "b")])]), null);
  });

  it("stopped nodes are told until a rollback that leaves nothing of their successor", () => {
    const quiesce = (run: number, stopped: string[], alreadyStopped: string[], since: string) =>
      step(run, "quiesce", "passed", { stopped, alreadyStopped, quietSince: since });
    const first = page(1, [attempt(1, "b"), quiesce(1, ["b", "a"], [], "10:00"), quiesce(1, [], ["a", "b"], "11:00")]);
    assert.equal(stoppedNodes([verifiedAll(1, "a")]), null);
    assert.deepEqual(stoppedNodes([first]), { nodes: ["a", "b"], since: "10:00" });
    const begun: EntryBody = {
      ...{ kind: "operation", id: "op-3", operation: "rollback", targets: [] },
      ...{ reason: "", by: "me", answersRun: 1 },
    };
    const ended: EntryBody = { kind: "operationEnded", id: "op-3", verdict: "passed", reason: "" };
    assert.equal(stoppedNodes([first, page(3, [begun, ended])]), null);
    assert.notEqual(stoppedNodes([first, page(3, [begun])]), null);
    // Something of what came after is left: v6 was not started.
    const left = page(2, [receipt(2, "gim", "verify", "b")]);
    assert.notEqual(stoppedNodes([first, left, page(3, [begun, ended])]), null);
    assert.equal(stoppedNodes([first, left, page(3, [begun, ...removed, ended])]), null);
  });
});
