import assert from "node:assert/strict";
import { chain, genesisHash, type EntryBody, type Page } from "../../../model/ledger.ts";
import { chooseAttempts, summarize } from "../../../model/ledger-summary.ts";
import type { Receipt } from "../../../model/step.ts";

const verified: Receipt = {
  step: "verify",
  service: "gsp",
  verdict: "passed",
  summary: "",
  evidence: [],
  gates: [],
  facts: {},
  startedAt: "2026-11-22T01:00:00Z",
  durationMilliseconds: 1,
  toolVersion: "0",
  attempt: "1.1",
};
const targets = [{ service: "gsp", releaseSet: "r2026-11", digest: "d" }];

function pagesOf(...bodies: EntryBody[][]): Page[] {
  let previous = genesisHash;
  return bodies.map((page, index) => {
    const entries = page.map((body) => {
      const entry = chain(previous, "2026-11-22T01:00:00Z", body);
      previous = entry.hash;
      return entry;
    });
    return { stack: "s", number: index + 1, open: false, entries };
  });
}

const run: EntryBody[] = [
  {
    kind: "attempt",
    attempt: "1.1",
    owner: "o",
    operation: "upgrade",
    releaseSet: "r2026-11",
    targetDigest: "t",
    targets,
  },
  { kind: "receipt", receipt: verified, digest: "d", releaseSet: "r2026-11" },
  { kind: "closed", verdict: "passed", reason: "" },
];

describe("a release that recover has unlocked", () => {
  it("no longer stands verified: the next up judges and upgrades it anew", () => {
    const before = summarize(pagesOf(run));
    assert.equal(chooseAttempts(before, targets, "t").nothingToDo, true);
    const after = summarize(pagesOf(run, [{ kind: "recovery", actions: ["unlocked"], unlocked: ["gsp"] }]));
    const attempts = chooseAttempts(after, targets, "t");
    assert.equal(attempts.nothingToDo, false);
    assert.equal(attempts.services.get("gsp"), attempts.platform);
    assert.equal(after.recoveries.get("gsp"), 1);
    assert.equal(after.lastVerified.get("gsp")?.digest, "d", "the way back is forgotten");
  });

  it("leaves the others as they are", () => {
    const after = summarize(pagesOf(run, [{ kind: "recovery", actions: ["unlocked"], unlocked: ["gca"] }]));
    assert.equal(after.verified.has("gsp"), true);
  });
});
