import assert from "node:assert/strict";
import fc from "fast-check";
import { history, show } from "../../../automation/verbs/history.ts";
import type { EntryBody, ServiceTarget } from "../../../model/ledger.ts";
import { eventsOf } from "../../../model/ledger-event.ts";
import { runDetails, runHistory } from "../../../model/run-history.ts";
import { attemptEntry, makePages, passedRun, receiptEntry } from "../model/ledger-pages.ts";
import { openVerbWorld, type VerbWorld } from "./verb-runner.ts";

const at = (release: string, services = ["gim", "gsp"]): ServiceTarget[] =>
  services.map((service) => ({ service, releaseSet: release, digest: `${service} ${release}` }));
const [gim = null] = at("r2026-08");
const hold: EntryBody = { kind: "hold", reason: "quarter end", by: "anna" };
const operation: EntryBody = {
  ...{ kind: "operation", id: "op-3", operation: "rollback", targets: [], reason: "gsp failed", by: "anna" },
  answersRun: 2,
};

describe("history", () => {
  it("lists runs, newest first, with where they came from; events are no runs", () => {
    const bodies = [passedRun(1, at("r2026-05")), [hold], passedRun(3, at("r2026-08"))];
    const runs = runHistory(makePages(bodies));
    assert.deepEqual(
      runs.map((run) => [run.number, run.from, run.to, run.verdict, run.tries]),
      [
        [3, ["r2026-05"], "r2026-08", "passed", 1],
        [1, [], "r2026-05", "passed", 1],
      ],
    );
  });

  it("counts only services that changed when it says where a run came from", () => {
    const bodies = [
      passedRun(1, at("r2026-05")),
      passedRun(2, [...at("r2026-08", ["gim"]), ...at("r2026-05", ["gsp"])]),
      passedRun(3, [...at("r2026-08", ["gim"]), ...at("r2026-11", ["gsp"])]),
    ];
    assert.deepEqual(runHistory(makePages(bodies))[0]?.from, ["r2026-05"]);
  });

  it("an unfinished run is open, a resumed one has two tries and one duration from its first to its last entry", () => {
    const bodies = [
      [
        attemptEntry("1.1", "r2026-08", at("r2026-08")),
        receiptEntry("verify", gim, "1.1", { verdict: "failed" }),
        attemptEntry("1.2", "r2026-08", at("r2026-08")),
        receiptEntry("verify", gim, "1.2"),
      ],
    ];
    const [run] = runHistory(makePages(bodies, true));
    assert.deepEqual([run?.verdict, run?.tries, run?.endedAt], ["open", 2, null]);
    assert.equal(run?.durationMilliseconds, 3000);
  });

  it("names the driver's operation of which a run was a part", () => {
    const ended: EntryBody = { kind: "operationEnded", id: "op-3", verdict: "passed", reason: "" };
    const bodies = [
      passedRun(1, at("r2026-08")),
      [operation],
      passedRun(3, at("r2026-05")),
      [ended],
      passedRun(5, at("r2026-08")),
    ];
    assert.deepEqual(
      runHistory(makePages(bodies)).map((run) => run.partOf),
      [null, "op-3", null],
    );
  });

  it("loses no run and no event, whatever their order", () => {
    const page = fc.constantFrom("run", "event");
    fc.assert(
      fc.property(fc.array(page, { maxLength: 15 }), (kinds) => {
        const bodies = kinds.map((kind, index) => (kind === "run" ? passedRun(index + 1, at("r2026-08")) : [hold]));
        const pages = makePages(bodies);
        const numbers = runHistory([...pages].reverse()).map((run) => run.number);
        assert.deepEqual(
          numbers,
          [...numbers].sort((a, b) => b - a),
        );
        assert.equal(numbers.length, kinds.filter((kind) => kind === "run").length);
        assert.equal(eventsOf(pages).length, kinds.length - numbers.length);
      }),
    );
  });

  it("one run in full: each receipt under its attempt, overrides, and what stopped it", () => {
    const bodies = [
      [
        attemptEntry("1.1", "r2026-08", at("r2026-08")),
        { kind: "override", check: "skew", reason: "vendor said so", attempt: "1.1" } as const,
        receiptEntry("verify", gim, "1.1", { verdict: "failed" }),
        attemptEntry("1.2", "r2026-08", at("r2026-08")),
        receiptEntry("verify", gim, "1.2"),
      ],
    ];
    const run = runDetails(makePages(bodies, true), 1);
    assert.deepEqual(
      run?.attempts.map((attempt) => [
        attempt.attempt,
        attempt.receipts.map((one) => one.verdict),
        attempt.overrides.length,
      ]),
      [
        ["1.1", ["failed"], 1],
        ["1.2", ["passed"], 0],
      ],
    );
    assert.equal(run.stoppedBy, null, "the last try passed");
    assert.equal(runDetails(makePages(bodies, true), 2), null);
  });
});

describe("the verbs history and show", () => {
  let world: VerbWorld;
  before(async () => {
    world = openVerbWorld();
    for (const bodies of [passedRun(1, at("r2026-05")), [hold], passedRun(3, at("r2026-08"))]) {
      await world.ledger.update(() => ({ bodies, page: "new", open: false }));
    }
  });
  after(() => world.remove());

  it("prints runs with movement and verdict; --limit keeps the newest", async () => {
    const all = await world.run(history, {});
    assert.match(all.text, /3 +upgrade +r2026-05 -> r2026-08 .*passed[^]*1 +upgrade +nothing -> r2026-05/);
    const one = await world.run(history, {}, { limit: "1" });
    assert.doesNotMatch(one.text, /nothing -> r2026-05/);
    await assert.rejects(world.run(history, {}, { limit: "none" }), /CUT-6250/);
  });

  it("tells events between the runs where they happened", async () => {
    const lines = (await world.run(history, {}, { events: true })).text.split("\n");
    assert.match(lines[0] ?? "", /run 3/);
    assert.match(lines[1] ?? "", /on hold: quarter end \(by anna\)/);
    assert.match(lines[2] ?? "", /run 1/);
  });

  it("shows a run, and names the runs there are when it is none", async () => {
    const shown = await world.run(show, { run: "3" });
    assert.match(
      shown.text,
      /run 3: upgrade r2026-05 -> r2026-08: passed[^]*attempt 3\.1[^]*gsp verify: passed, 100ms/,
    );
    assert.equal(shown.document["number"], 3);
    await assert.rejects(world.run(show, { run: "2" }), /CUT-6251/);
    await assert.rejects(world.run(show, { run: "last" }), /CUT-6251/);
  });
});
