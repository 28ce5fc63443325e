import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeHolder, parseHolder, type Holder, type LeaseState, type LocalMachine } from "../../../model/lease.ts";

const machine: LocalMachine = {
  host: "runner-1",
  boot: "boot-a",
  pidNamespace: "pid:[1]",
  processStart: (pid) => (pid === 100 ? "555" : null),
};
const holder: Holder = {
  id: "w1",
  host: "runner-1",
  boot: "boot-a",
  pidNamespace: "pid:[1]",
  pid: 100,
  processStart: "555",
  run: "12.1",
  folder: "/x",
};
const now = Date.parse("2026-11-22T15:00:00Z");
const lease = (change: Partial<Holder>, secondsAgo = 0): LeaseState => ({
  holder: { ...holder, ...change },
  durationSeconds: 15,
  renewedAt: new Date(now - secondsAgo * 1000).toISOString(),
});
const judge = (state: LeaseState) => judgeHolder(state, machine, now);

describe("the holder of a lease", () => {
  it("lives on this machine as long as its process does, however old the renewal is (a stopped process is not dead)", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (age) => {
        assert.equal(judge(lease({}, age)).state, "alive");
      }),
    );
  });

  it("is dead when its pid is gone, belongs to another process, or the machine was restarted; with proof", () => {
    const proofs = [lease({ pid: 101 }), lease({ processStart: "444" }), lease({ boot: "boot-b" })].map((state) => {
      const judged = judge(state);
      return judged.state === "dead" ? judged.proof : judged.state;
    });
    assert.deepEqual(proofs, [
      "pid 101 on runner-1 is gone",
      "pid 100 on runner-1 is another process by now",
      "runner-1 was restarted since pid 100 took the lease",
    ]);
  });

  it("elsewhere is alive while it renews, then not judged, and dead only after three durations of silence", () => {
    for (const elsewhere of [{ host: "runner-2" }, { pidNamespace: "pid:[2]" }]) {
      assert.equal(judge(lease(elsewhere, 14)).state, "alive");
      assert.equal(judge(lease(elsewhere, 16)).state, "unsure");
      assert.equal(judge(lease(elsewhere, 45)).state, "unsure");
      assert.equal(judge(lease(elsewhere, 46)).state, "dead");
    }
  });

  it("is nobody when the text is empty or not ours, and is read back as written", () => {
    for (const text of ["", null, undefined, "someone", "{}", '{"id":1}']) assert.equal(parseHolder(text), null);
    assert.deepEqual(parseHolder(JSON.stringify(holder)), holder);
    assert.equal(judge({ holder: null, durationSeconds: 15, renewedAt: null }).state, "free");
  });
});
