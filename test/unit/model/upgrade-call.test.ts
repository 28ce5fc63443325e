import assert from "node:assert/strict";
import * as fc from "fast-check";
import { attestationsOf } from "../../../model/attestation.ts";
import type { EntryBody } from "../../../model/ledger.ts";
import {
  callsOf,
  decideCall,
  openCallQuestions,
  type CallEntry,
  type CallPhase,
  type CallQuestion,
} from "../../../model/upgrade-call.ts";
import { makePages } from "./ledger-pages.ts";

const before = { status: "None", count: 0, digest: "" };
const versions = { from: "6.7", to: "7.6.1" };
const entry = (id: string, phase: CallPhase, run = 1): CallEntry => ({
  ...{ kind: "upgradeCall", id, service: "rpi", run, phase, ...versions, before, pod: "rpi-0" },
});
const restored: EntryBody = {
  ...{ kind: "platformRestore", id: "r", backupId: "b", stamp: "s", phase: "ended", reason: "", by: "" },
};
const decide = (bodies: EntryBody[], change: Partial<CallQuestion> = {}) => {
  const calls = callsOf(makePages([bodies]), "rpi");
  const known = { service: "rpi", run: 1, calls, versions, rollback: false, acknowledged: new Set<string>() };
  return decideCall({ ...known, ...change });
};
const id = "rpi-upgrade-call-1";
const phases: CallPhase[] = ["begun", "sent", "notSent", "refused", "done", "failed"];

describe("whether the upgrade API may be called", () => {
  it("once, and again only where it is certain that nothing was begun", () => {
    assert.deepEqual(decide([]), { do: "call", id });
    assert.deepEqual(decide([entry(id, "begun"), entry(id, "notSent")]), { do: "call", id: `${id}-2` });
    assert.equal(decide([entry(id, "begun"), entry(id, "sent"), entry(id, "refused")]).do, "call");
    assert.equal(decide([entry(id, "begun")]).do, "follow");
    assert.equal(decide([entry(id, "begun"), entry(id, "sent")], { run: 2 }).do, "follow");
    assert.equal(decide([entry(id, "sent"), entry(id, "done")], { run: 7 }).do, "reuse");
    assert.equal(decide([entry(id, "failed")]).do, "ask");
  });

  it("property: a call that may have been made is never made again without a person or new databases", () => {
    const call = fc.record({ run: fc.integer({ min: 1, max: 3 }), phase: fc.constantFrom(...phases) });
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 4 }), (made, run) => {
        const bodies = made.map((one, index) => entry(`${id}-${index}`, one.phase, one.run));
        const last = made.at(-1)?.phase ?? "begun";
        const sure = last === "notSent" || last === "refused";
        assert.equal(decide(bodies, { run }).do === "call", sure);
        assert.equal(decide([...bodies, restored], { run }).do, "call");
      }),
    );
  });

  it("a person lets a failed one be made again, and one whose trace is gone after it was looked for", () => {
    const acknowledged = new Set([id]);
    assert.deepEqual(decide([entry(id, "failed")], { acknowledged }), { do: "call", id: `${id}-2` });
    const lost = decide([entry(id, "sent")], { acknowledged });
    assert.ok(lost.do === "follow" && lost.mayRepeat);
    // An acknowledgement counts for its own call only.
    assert.equal(decide([entry(id, "failed"), entry(`${id}-2`, "failed")], { acknowledged }).do, "ask");
  });

  it("never in a rollback, and not where the release set leaves the databases alone", () => {
    assert.equal(decide([], { rollback: true }).do, "nothing");
    assert.equal(decide([], { versions: { from: "7.6.1", to: "7.6.1" } }).do, "nothing");
  });

  it("to another version after the one before was reached", () => {
    const next = { from: "7.6.1", to: "7.7.1" };
    assert.deepEqual(decide([entry(id, "done")], { versions: next, run: 2 }), { do: "call", id: "rpi-upgrade-call-2" });
  });

  it("questions to a person are the last calls without a known good end", () => {
    const open = (bodies: EntryBody[]) => openCallQuestions(makePages([bodies])).map((call) => call.id);
    assert.deepEqual(open([entry(id, "failed"), entry(`${id}-2`, "sent")]), [`${id}-2`]);
    assert.deepEqual(open([entry(id, "sent"), entry(id, "done")]), []);
    assert.deepEqual(open([entry(id, "sent"), restored]), []);
  });
});

describe("attestations", () => {
  const attested = (value: string, digest = "d1"): EntryBody => ({
    ...{
      kind: "attestation",
      service: "rpi",
      tenant: "t1",
      setting: "Environment > X",
      value,
      releaseSet: "v7.6",
      digest,
    },
    by: { username: "anna", groups: [] },
  });
  const values = (bodies: EntryBody[]) => attestationsOf(makePages([bodies]), "rpi", "d1").map((one) => one.value);

  it("the latest of a setting counts, for this digest of the service only", () => {
    assert.deepEqual(values([attested("1"), attested("2"), attested("3", "d2")]), ["2"]);
  });

  it("from before a migration, a restore or a new clone do not count", () => {
    assert.deepEqual(values([attested("1"), entry(id, "done")]), []);
    assert.deepEqual(values([attested("1"), restored]), []);
    assert.deepEqual(values([attested("1"), entry(id, "done"), attested("2")]), ["2"]);
  });
});
