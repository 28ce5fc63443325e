import assert from "node:assert/strict";
import fc from "fast-check";
import { chooseAttempts, summarize } from "../../../model/ledger-summary.ts";
import type { EntryBody, ServiceTarget } from "../../../model/ledger.ts";
import { attemptEntry, makePages, passedRun, receiptEntry, targetDigestOf } from "./ledger-pages.ts";

const target = (service: string, digest: string, releaseSet = "r2026-08"): ServiceTarget => ({
  service,
  digest,
  releaseSet,
});
const old = [target("gim", "d1"), target("gsp", "d2"), target("gca", "d3")];
const changed = [target("gim", "d1"), target("gsp", "d9", "r2026-11"), target("gca", "d3")];
const choose = (bodies: EntryBody[][], targets: ServiceTarget[], open = false) =>
  chooseAttempts(summarize(makePages(bodies, open)), targets, targetDigestOf(targets));

describe("attempts", () => {
  it("of an empty ledger are the first try of the first run", () => {
    const attempts = choose([], old);
    assert.equal(attempts.platform, "1.1");
    assert.equal(attempts.nothingToDo, false);
    assert.deepEqual([...attempts.services.values()], ["1.1", "1.1", "1.1"]);
  });

  it("of a target without services are new once another run has touched one, also when that did not end", () => {
    const without = passedRun(1, []);
    assert.equal(choose([without], []).nothingToDo, true);
    const touched = [attemptEntry("2.1", "r2026-11", old), receiptEntry("check", old[0] ?? null, "2.1")];
    const attempts = choose([without, [...touched, { kind: "closed", verdict: "failed", reason: "" }]], []);
    assert.deepEqual([attempts.nothingToDo, attempts.platform], [false, "3.1"]);
    const refused = [
      attemptEntry("2.1", "r2026-11", old),
      receiptEntry("preflight", null, "2.1", { verdict: "failed" }),
    ];
    assert.equal(
      choose([without, [...refused, { kind: "closed", verdict: "failed", reason: "" }]], []).nothingToDo,
      true,
    );
  });

  it("keep a no-op a no-op", () => {
    const attempts = choose([passedRun(1, old)], old);
    assert.equal(attempts.nothingToDo, true);
    assert.equal(attempts.platform, "1.1");
    assert.deepEqual([...attempts.services.values()], ["1.1", "1.1", "1.1"]);
  });

  it("are new only for the changed service, and for preflight and finish", () => {
    const attempts = choose([passedRun(1, old)], changed);
    assert.equal(attempts.platform, "2.1");
    assert.deepEqual(Object.fromEntries(attempts.services), { gim: "1.1", gsp: "2.1", gca: "1.1" });
  });

  it("count the tries of an unfinished run towards the same target", () => {
    const open = [
      attemptEntry("2.1", "r2026-11", changed),
      receiptEntry("check", changed[1] ?? null, "2.1"),
      attemptEntry("2.2", "r2026-11", changed),
    ];
    const attempts = choose([passedRun(1, old), open], changed, true);
    assert.equal(attempts.platform, "2.3");
    assert.equal(attempts.services.get("gsp"), "2.3");
    assert.equal(attempts.services.get("gim"), "1.1");
  });

  it("begin a new run when the target changed meanwhile", () => {
    const open = [attemptEntry("2.1", "r2026-11", changed)];
    assert.equal(choose([passedRun(1, old), open], old, true).platform, "3.1");
  });

  it("are new after a failed verify, though the digest is the same", () => {
    const open = [
      attemptEntry("2.1", "r2026-11", changed),
      receiptEntry("verify", changed[1] ?? null, "2.1", { verdict: "failed" }),
    ];
    const attempts = choose([passedRun(1, old), open], changed, true);
    assert.equal(attempts.services.get("gsp"), "2.2");
    assert.equal(attempts.nothingToDo, false);
  });

  it("a service that a run began to change is no longer verified, but stays the target of a rollback", () => {
    const summary = summarize(
      makePages(
        [
          passedRun(1, old),
          [attemptEntry("2.1", "r2026-11", changed), receiptEntry("check", changed[1] ?? null, "2.1")],
        ],
        true,
      ),
    );
    assert.equal(summary.verified.has("gsp"), false);
    assert.equal(summary.lastVerified.get("gsp")?.digest, "d2");
    assert.equal(summary.openRun?.number, 2);
  });

  it("the next digest runs exactly the changed services; after it passed nothing runs any more", () => {
    const digests = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(digests, { minLength: 1, maxLength: 6 }), digests, (history, next) => {
        const targetsOf = (list: string[]) => list.map((digest, index) => target(`s${index}`, digest));
        const runs = history.map((list, index) => passedRun(index + 1, targetsOf(list)));
        const before = history.at(-1) ?? [];
        const attempts = choose(runs, targetsOf(next));
        for (const [index, digest] of next.entries()) {
          const isNew = attempts.services.get(`s${index}`) === `${runs.length + 1}.1`;
          assert.equal(isNew, digest !== before[index]);
        }
        assert.equal(attempts.nothingToDo, next.join() === before.join());
        const after = choose([...runs, passedRun(runs.length + 1, targetsOf(next))], targetsOf(next));
        assert.equal(after.nothingToDo, true);
      }),
    );
  });
});

describe("ledger summary", () => {
  it("does not depend on the order in which pages arrive", () => {
    const pages = makePages([passedRun(1, old), passedRun(2, changed), [{ kind: "hold", reason: "rolled back" }]]);
    fc.assert(
      fc.property(fc.shuffledSubarray(pages, { minLength: pages.length }), (shuffled) => {
        assert.deepEqual(summarize(shuffled), summarize(pages));
      }),
    );
  });

  it("knows hold, its end, and acknowledgements", () => {
    const hold: EntryBody = { kind: "hold", reason: "rolled back from r2026-11" };
    assert.equal(summarize(makePages([[hold]])).hold, "rolled back from r2026-11");
    assert.equal(summarize(makePages([[hold], [{ kind: "unhold", reason: "fixed" }]])).hold, null);
    assert.deepEqual([...summarize(makePages([[{ kind: "acknowledgement", note: "raa" }]])).acknowledged], ["raa"]);
  });
});
