import assert from "node:assert/strict";
import { judgedByOf } from "../../../model/judged-by.ts";
import type { EntryBody } from "../../../model/ledger.ts";
import { judgeProof } from "../../../model/promotion-proof.ts";
import { judgePromotion, type PromotionQuestion } from "../../../model/promotion.ts";
import { lastRehearsal } from "../../../model/rehearsal.ts";
import { lastVerifiedRelease } from "../../../model/verified-set.ts";
import { makePages, passedRun, receiptEntry } from "./ledger-pages.ts";
import { issueEntry, target, verificationEntry, verifiedRun } from "./promotion-pages.ts";

const hour = 3_600_000;
const judgedBy = { gim: "g1", gsp: "s1" };
// makePages counts seconds from here.
const begin = Date.UTC(2026, 10, 1);

function judge(bodies: EntryBody[][], more: Partial<PromotionQuestion> = {}, open = false) {
  return judgePromotion({
    ...{ lower: "infomart-dev", pages: makePages(bodies, open), releaseSet: "b2", hash: "hash-b2", judgedBy },
    ...{ soak: 0, toolVersion: "0.1.0", now: begin + hour },
    ...more,
  });
}
const codes = (...given: Parameters<typeof judge>) => judge(...given).refusals.map((refusal) => refusal.code);
const firstText = (...given: Parameters<typeof judge>) => judge(...given).refusals[0]?.text ?? "";

describe("promotion of a verified release set", () => {
  it("is proved by the run, its time, its hash, its judges and the ledger's head", () => {
    const pages = makePages([verifiedRun(1, "b2")]);
    const { proof, refusals } = judge([verifiedRun(1, "b2")]);
    assert.deepEqual(refusals, []);
    const closed = pages[0]?.entries.at(-1);
    assert.deepEqual(proof, {
      ...{ stack: "infomart-dev", releaseSet: "b2", hash: "hash-b2", toolVersion: "0.1.0", judgedBy, run: 1 },
      ...{ verifiedAt: closed?.at, ledgerHead: closed?.hash },
    });
  });

  it("lists the open issues of the lower stack, and is not stopped by them", () => {
    const { proof, openIssues } = judge([
      verifiedRun(1, "b2"),
      [issueEntry("issue-1", "open")],
      [issueEntry("issue-2", "open")],
      [issueEntry("issue-2", "resolved")],
    ]);
    assert.notEqual(proof, null);
    assert.deepEqual(
      openIssues.map((issue) => issue.id),
      ["issue-1"],
    );
  });

  it("needs only the roles that the upper stack takes from it", () => {
    assert.deepEqual(codes([verifiedRun(1, "b2")], { judgedBy: { gim: "g1" } }), []);
  });
});

describe("promotion is refused", () => {
  it("when the set was never verified, or its run failed", () => {
    assert.deepEqual(codes([]), ["CUT-6200"]);
    assert.deepEqual(codes([verifiedRun(1, "a1")]), ["CUT-6200"]);
    const failed = verifiedRun(1, "b2").with(-1, { kind: "closed", verdict: "failed", reason: "" });
    assert.deepEqual(codes([failed]), ["CUT-6200"]);
  });

  it("when the stack has moved on since, naming the services", () => {
    const given = [verifiedRun(1, "b2"), verifiedRun(2, "c3")];
    assert.deepEqual(codes(given), ["CUT-6200"]);
    assert.match(firstText(given), /gim, gsp/);
  });

  it("when a service was pinned at another release set", () => {
    const [begun, ...others] = verifiedRun(1, "b2");
    assert.ok(begun?.kind === "attempt");
    const pinned = { ...begun, targets: [target("gim", "b2"), { ...target("gsp", "b2"), releaseSet: "a1" }] };
    assert.match(firstText([[pinned, ...others]]), /not every service .* b2 now: gsp/);
  });

  it("when the folder is not the one that was verified, or nobody recorded which it was", () => {
    assert.deepEqual(codes([verifiedRun(1, "b2")], { hash: "changed" }), ["CUT-6201"]);
    const unrecorded = passedRun(1, [target("gim", "b2"), target("gsp", "b2")]);
    assert.ok(codes([unrecorded]).includes("CUT-6201"));
  });

  it("when steps or gates were others, naming the roles, also roles that were not judged at all", () => {
    assert.deepEqual(codes([verifiedRun(1, "b2")], { judgedBy: { gim: "stricter", gsp: "s1" } }), ["CUT-6202"]);
    assert.match(firstText([verifiedRun(1, "b2")], { judgedBy: { ...judgedBy, gca: "c1" } }), /gates: gca$/);
  });

  it("when another version of cutover judged, until this one has judged all services again", () => {
    const question = { toolVersion: "0.2.0" };
    assert.deepEqual(codes([verifiedRun(1, "b2")], question), ["CUT-6203"]);
    assert.deepEqual(codes([verifiedRun(1, "b2"), [verificationEntry("passed", "0.2.0")]], question), []);
  });

  it("until the soak is over, and says when that is", () => {
    const soak = 24 * hour;
    const { verifiedAt = "" } = judge([verifiedRun(1, "b2")]).proof ?? {};
    const over = Date.parse(verifiedAt) + soak;
    assert.deepEqual(codes([verifiedRun(1, "b2")], { soak, now: over - 1 }), ["CUT-6204"]);
    assert.ok(
      firstText([verifiedRun(1, "b2")], { soak, now: over - hour }).includes(`${new Date(over).toISOString()}, in 1h`),
    );
    assert.deepEqual(codes([verifiedRun(1, "b2")], { soak, now: over }), []);
  });

  it("after a later failure, whichever step or verification saw it", () => {
    for (const verdict of ["failed", "errored", "inconclusive"] as const) {
      assert.deepEqual(codes([verifiedRun(1, "b2"), [verificationEntry(verdict)]]), ["CUT-6205"]);
      const check = receiptEntry("check", null, "1.1", { verdict });
      assert.deepEqual(codes([verifiedRun(1, "b2"), [check]]), ["CUT-6205"]);
    }
    const verify = receiptEntry("verify", target("gsp", "b2"), "1.1", { verdict: "failed" });
    assert.deepEqual(codes([verifiedRun(1, "b2"), [verify]]), ["CUT-6205", "CUT-6200"]);
  });

  it("not after a preflight that refused, nor after a failure before it was verified", () => {
    const [begun, ...rest] = verifiedRun(2, "c3");
    assert.ok(begun !== undefined && rest.length > 0);
    const refusedRun = [begun, receiptEntry("preflight", null, "2.1", { verdict: "failed" })];
    assert.deepEqual(codes([verifiedRun(1, "b2"), refusedRun], {}, true), []);
    assert.deepEqual(codes([[verificationEntry("failed")], verifiedRun(2, "b2")]), []);
  });

  it("after a failure the soak begins anew with a verification of all services", () => {
    const given = [verifiedRun(1, "b2"), [verificationEntry("failed")], [verificationEntry("passed")]];
    const anew = Date.parse(makePages(given).at(-1)?.entries[0]?.at ?? "");
    assert.deepEqual(codes(given, { soak: hour, now: anew + hour - 1 }), ["CUT-6204"]);
    assert.deepEqual(codes(given, { soak: hour, now: anew + hour }), []);
    const half = [verifiedRun(1, "b2"), [verificationEntry("failed")], [verificationEntry("passed", "0.1.0", ["gim"])]];
    assert.deepEqual(codes(half), ["CUT-6205"]);
  });

  it("while the stack is on hold, or an operation or a run has not ended", () => {
    const hold: EntryBody = { kind: "hold", reason: "rolled back" };
    assert.deepEqual(codes([verifiedRun(1, "b2"), [hold]]), ["CUT-6206"]);
    assert.deepEqual(codes([verifiedRun(1, "b2"), [hold], [{ kind: "unhold", reason: "fixed" }]]), []);
    const operation: EntryBody = {
      ...{ kind: "operation", id: "op-2", operation: "upgrade", targets: [], reason: "", by: "anna", answersRun: null },
    };
    assert.deepEqual(codes([verifiedRun(1, "b2"), [operation]]), ["CUT-6207"]);
    const [begun, preflight] = verifiedRun(2, "c3");
    assert.ok(begun !== undefined && preflight !== undefined);
    assert.deepEqual(codes([verifiedRun(1, "b2"), [begun, preflight]], {}, true), ["CUT-6207"]);
  });
});

describe("what was verified last", () => {
  it("is where all services stand, also when a later run ended mixed", () => {
    assert.equal(lastVerifiedRelease(makePages([])), null);
    assert.equal(lastVerifiedRelease(makePages([verifiedRun(1, "a1"), verifiedRun(2, "b2")])), "b2");
    const back = verifiedRun(2, "a1").map((body) => (body.kind === "attempt" ? { ...body, releaseSet: "b2" } : body));
    assert.equal(lastVerifiedRelease(makePages([verifiedRun(1, "a1"), back])), "a1");
  });
});

describe("what judges a role", () => {
  const pods = { kind: "pods", name: "gim-pods", timeoutSeconds: 900, passes: 2 } as const;
  const roles = { gim: { steps: ["check", "release", "verify"], gates: [pods] } };
  const digest = (settings: Parameters<typeof judgedByOf>[2], given = roles) =>
    judgedByOf(given, ["gim"], settings)["gim"];

  it("changes with steps, gates and the stack's gateSettings, not with patience", () => {
    const plain = digest({});
    assert.equal(digest({ "gim-pods": { timeoutSeconds: 30 } }), plain);
    assert.notEqual(digest({ "gim-pods": { passes: 1 } }), plain);
    assert.notEqual(digest({}, { gim: { ...roles.gim, steps: ["release"] } }), plain);
    assert.deepEqual(judgedByOf(roles, ["gca"], {}), {});
  });
});

describe("a promotion's proof in the upper ledger", () => {
  const { proof } = judge([verifiedRun(1, "b2")]);
  assert.ok(proof !== null);
  const pages = makePages([[{ kind: "promotion", from: "infomart-dev", proof, by: "anna" }]]);
  const set = { name: "b2", hash: "hash-b2", judgedBy };
  const problems = (more: Partial<typeof set> = {}, toolVersion = "0.1.0", lower = "infomart-dev") =>
    judgeProof(pages, lower, { ...set, ...more }, toolVersion).problems.join("; ");

  it("holds for the same folder, judges and version only", () => {
    assert.equal(problems(), "");
    assert.match(problems({ hash: "changed" }), /folder of b2 is changed, promoted was hash-b2/);
    assert.match(problems({ judgedBy: { gim: "g1", gsp: "weaker" } }), /did not judge gsp/);
    assert.match(problems({}, "0.2.0"), /judged by cutover 0\.1\.0, this is 0\.2\.0/);
    assert.match(problems({ name: "c3", hash: "hash-c3" }), /c3 was not promoted from infomart-dev/);
    assert.match(problems({}, "0.1.0", "infomart-staging"), /was not promoted from infomart-staging/);
  });
});

describe("rehearsals", () => {
  it("keep their age when they are copied, and the last one of the hash counts", () => {
    const entry = (verdict: "passed" | "failed", more: { setHash?: string; rehearsedAt?: string } = {}) =>
      ({ kind: "rehearsal", releaseSet: "b2", setHash: "h", verdict, seconds: 60, ...more }) as const;
    const copied = entry("failed", { rehearsedAt: "2026-10-01T00:00:00.000Z" });
    assert.equal(lastRehearsal(makePages([[copied]]), "h")?.at, Date.UTC(2026, 9, 1));
    assert.equal(lastRehearsal(makePages([[entry("passed")], [copied]]), "h")?.verdict, "passed");
    assert.equal(lastRehearsal(makePages([[entry("passed", { setHash: "other" })]]), "h"), null);
  });
});
