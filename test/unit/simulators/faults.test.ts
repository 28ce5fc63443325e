import assert from "node:assert/strict";
import { concerns, FaultBoard, parseFaults } from "../../../sandbox/simulators/fault-board.ts";
import { samplePod } from "./sample-pod.ts";

describe("faults of the simulators", () => {
  const pod = samplePod({ release: "gim-t100", image: "gim/gim:100.0.115.3900" });

  it("a fault concerns the pods that its fields name", () => {
    assert.ok(concerns({ application: "gim", fault: "slow" }, pod));
    assert.ok(concerns({ application: "gim", fault: "slow", release: "gim-t100", imageTag: "100.0.115.3900" }, pod));
    assert.ok(!concerns({ application: "gsp", fault: "slow" }, pod));
    assert.ok(!concerns({ application: "gim", fault: "slow", release: "gim-t200" }, pod));
    assert.ok(!concerns({ application: "gim", fault: "slow", imageTag: "100.0.113.3400" }, pod));
    assert.ok(!concerns({ application: "gim", fault: "slow", namespace: "other" }, pod));
  });

  it("an error that happens once happens once for each release, until the faults are cleared", () => {
    const board = new FaultBoard();
    const other = samplePod({ release: "gim-t200", image: "gim/gim:100.0.115.3900" });
    board.set([{ application: "gim", fault: "migrationErrorOnce" }]);
    assert.equal(board.spend(pod, "migrationErrorOnce"), true);
    board.set([
      { application: "gim", fault: "migrationErrorOnce" },
      { application: "gca", fault: "slow" },
    ]);
    assert.equal(board.spend(pod, "migrationErrorOnce"), false);
    assert.equal(board.spend(other, "migrationErrorOnce"), true);
    board.set([]);
    assert.equal(board.spend(other, "migrationErrorOnce"), false);
    board.set([{ application: "gim", fault: "migrationErrorOnce" }]);
    assert.equal(board.spend(pod, "migrationErrorOnce"), true);
  });

  it("the gravest fault decides what the pod looks like", () => {
    const board = new FaultBoard();
    board.set([
      { application: "gim", fault: "neverReady" },
      { application: "gim", fault: "crashLoop" },
      { application: "gim", fault: "growingLag" },
    ]);
    assert.equal(board.stateFault(pod), "crashLoop");
    board.set([{ application: "gim", fault: "growingLag" }]);
    assert.equal(board.stateFault(pod), null);
  });

  it("delays have a default and are 0 when the fault is off", () => {
    const board = new FaultBoard();
    assert.equal(board.delay(pod, "slow", 1000), 0);
    board.set([
      { application: "gim", fault: "slow" },
      { application: "gim", fault: "slowFirstJob", milliseconds: 70 },
    ]);
    assert.equal(board.delay(pod, "slow", 1000), 1000);
    assert.equal(board.delay(pod, "slowFirstJob", 5000), 70);
  });

  it("listeners hear of every change until they leave", () => {
    const board = new FaultBoard();
    let changes = 0;
    const leave = board.onChange(() => (changes += 1));
    board.set([]);
    leave();
    board.set([]);
    assert.equal(changes, 1);
  });

  it("unknown faults and fields are refused", () => {
    assert.throws(() => parseFaults('[{"application":"gim","fault":"explode"}]'));
    assert.throws(() => parseFaults('[{"application":"gim","fault":"slow","tenant":"t100"}]'));
    assert.throws(() => parseFaults("not JSON"));
    assert.deepEqual(parseFaults('[{"application":"gim","fault":"slow"}]'), [{ application: "gim", fault: "slow" }]);
  });
});
