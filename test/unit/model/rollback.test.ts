import assert from "node:assert/strict";
import fc from "fast-check";
import type { Page } from "../../../model/ledger.ts";
import { chooseAttempts, summarize } from "../../../model/ledger-summary.ts";
import { movesOf, settingsFor } from "../../../model/pins.ts";
import { databaseAnswer } from "../../../model/database-answer.ts";
import { planRollback } from "../../../model/rollback.ts";
import { at, attempt, failedAt, order, page, planned, receipt, verifiedAll } from "./rollback-pages.ts";
import { compareSchemaVersions, suits } from "../../../model/schema-version.ts";

describe("planning a rollback", () => {
  it("scope service takes back only what the run did not finish", () => {
    const plan = planned([verifiedAll(1, "a"), failedAt(2, "b", 2)], { scope: "service" });
    assert.deepEqual(
      plan.targets.map(({ service, from, to, migratedAt }) => ({ service, from, to, migratedAt })),
      [{ service: "gsp", from: "b", to: "a", migratedAt: at(2) }],
    );
    assert.deepEqual([plan.standing.get("gim"), plan.standing.get("gca"), plan.release], ["b", "a", "a"]);
  });

  it("scope run takes everything back that the run changed, in reverse order, and leaves the rest alone", () => {
    const plan = planned([verifiedAll(1, "a"), failedAt(2, "b", 2)], { scope: "run" });
    assert.deepEqual(
      plan.targets.map((target) => target.service),
      ["gsp", "gim-monitoring", "gim"],
    );
  });

  it("skips failed states: it goes to the last verified one, never to the one before in Helm's history", () => {
    const pages = [verifiedAll(1, "a"), { ...failedAt(2, "b", 0), open: false }, failedAt(3, "c", 0)];
    assert.deepEqual(
      planned(pages, { scope: "service" }).targets.map(({ service, to }) => `${service} ${to}`),
      ["gim a"],
    );
  });

  it("never rolls a rollback back, unless a certain run is asked for", () => {
    const pages = [verifiedAll(1, "a"), verifiedAll(2, "b"), verifiedAll(3, "a", "rollback")];
    assert.equal((planRollback(pages, order, { scope: "run" }) as { reason: string }).reason, "isRollback");
    assert.deepEqual(
      planned(pages, { scope: "run", toRun: 2 }).targets.map(({ to }) => to),
      ["b", "b", "b", "b"],
    );
  });

  it("one service: to what it was verified at before it first came here, never forward to what was rolled back", () => {
    const back = (pages: Page[]) => {
      const plan = planRollback(pages, order, { scope: "run", service: "gsp" });
      return "reason" in plan ? plan.reason : plan.targets.map(({ service, to }) => `${service} ${to}`).join();
    };
    const [a, b, c] = [verifiedAll(1, "a"), verifiedAll(2, "b"), verifiedAll(3, "c")];
    assert.equal(back([a, b]), "gsp a");
    assert.equal(back([a, b, verifiedAll(3, "a", "rollback")]), "noWayBack");
    assert.equal(back([a, b, c, verifiedAll(4, "b", "rollback")]), "gsp a");
    assert.equal(back([a, b, failedAt(3, "c", 2)]), "gsp b");
  });

  it("a migration that was not begun is told apart from one that was", () => {
    const refused = page(2, [attempt(2, "b"), { ...receipt(2, "gim", "migrate", "b", "failed") }]);
    const [entry] = refused.entries.filter(({ kind }) => kind === "receipt");
    assert.ok(entry?.kind === "receipt");
    entry.receipt.facts = { begun: false };
    const plan = planned([verifiedAll(1, "a"), refused], { scope: "run" });
    assert.equal(plan.targets[0]?.migratedAt, null);
  });

  it("refuses what has nothing to go back to, an unknown run and an unknown service", () => {
    const reason = (pages: Page[], request: Parameters<typeof planRollback>[2]) =>
      (planRollback(pages, order, request) as { reason: string }).reason;
    assert.equal(reason([], { scope: "run" }), "nothingRan");
    assert.equal(reason([failedAt(1, "a", 0)], { scope: "run" }), "noWayBack");
    assert.equal(reason([verifiedAll(1, "a")], { scope: "run", toRun: 9 }), "unknownRun");
    assert.equal(
      reason([verifiedAll(1, "a"), verifiedAll(2, "b")], { scope: "run", service: "gsb" }),
      "unknownService",
    );
  });

  it("property: wherever a run stops, scope run ends where everything stood before it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: order.length - 1 }), (index) => {
        const plan = planned([verifiedAll(1, "a"), failedAt(2, "b", index)], { scope: "run" });
        const moves = movesOf(
          plan.standing,
          plan.targets.map(({ service, to }) => ({ service, releaseSet: to })),
        );
        const last = moves.at(-1)?.after ?? plan.standing;
        assert.deepEqual(new Set(last.values()), new Set(["a"]));
        assert.deepEqual(settingsFor(plan.release, last), { release: "a", pins: null });
        // Each short `up` moves exactly one service.
        let before = plan.standing;
        for (const move of moves) {
          assert.equal(order.filter((service) => before.get(service) !== move.after.get(service)).length, 1);
          before = new Map(move.after);
        }
      }),
    );
  });
});

describe("what counts as nothing to do", () => {
  const passed = page(1, [
    attempt(1, "a"),
    ...order.map((service) => receipt(1, service, "verify", "a")),
    { kind: "closed", verdict: "passed", reason: "" },
  ]);
  const targets = order.map((service) => ({ service, releaseSet: "a", digest: `${service}-a` }));

  it("the same target again, but not one service fewer, another name for the same services, or a stack on hold", () => {
    const free = summarize([passed]);
    assert.equal(chooseAttempts(free, targets, "t-a").nothingToDo, true);
    assert.equal(chooseAttempts(free, targets.slice(1), "t-fewer").nothingToDo, false);
    assert.equal(chooseAttempts(free, targets, "t-renamed").platform, "2.1");
    const held = summarize([passed, page(2, [{ kind: "hold", reason: "rolled back" }])]);
    assert.equal(chooseAttempts(held, targets, "t-a").nothingToDo, false);
  });
});

describe("databases in a rollback", () => {
  const target = {
    service: "gim",
    from: "c",
    to: "a",
    digest: "d",
    removed: false,
    migratedAt: "2026-11-02T00:00:00.000Z",
  };
  it("schema classes decide", () => {
    const answer = (schemaClass: Parameters<typeof databaseAnswer>[1], migrated = true) =>
      databaseAnswer({ ...target, migratedAt: migrated ? target.migratedAt : null }, schemaClass, true, ["a", "b", "c"])
        .kind;
    assert.equal(answer("any"), "keeps");
    assert.equal(answer({ backward: 2 }), "keeps");
    assert.equal(answer({ backward: 1 }), "refused");
    assert.equal(answer("restore"), "needsRestore");
    assert.equal(answer("restore", false), "keeps");
  });

  it("a service that goes away leaves the originals untouched where it worked on clones", () => {
    const removed = { ...target, to: "v6", removed: true };
    assert.equal(databaseAnswer(removed, "restore", true, ["v6", "b", "c"], true).kind, "keeps");
    assert.equal(databaseAnswer(removed, "restore", true, ["v6", "b", "c"], false).kind, "needsRestore");
  });

  it("a newer schema suits an older service unless its class demands a restore", () => {
    assert.equal(suits("8.5.115", "8.5.113", "any"), true);
    assert.equal(suits("8.5.112", "8.5.113", "any"), false);
    assert.equal(suits("8.5.115", "8.5.113", "restore"), false);
    assert.equal(compareSchemaVersions("8.5.9", "8.5.10"), -1);
    assert.equal(compareSchemaVersions("x", "1"), null);
  });
});
