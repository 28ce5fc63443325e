import assert from "node:assert/strict";
import fc from "fast-check";
import { statusLines } from "../../../automation/reports/status-lines.ts";
import type { EntryBody, ServiceTarget } from "../../../model/ledger.ts";
import { stackStatus, type StackStatus } from "../../../model/status.ts";
import { attemptEntry, makePages, passedRun, receiptEntry, targetDigestOf } from "../model/ledger-pages.ts";

const releaseOrder = ["r2026-05", "r2026-08", "r2026-11", "r2027-02"];
const names = ["gim", "gsp", "gca"];
const at = (release: string, services = names): ServiceTarget[] =>
  services.map((service) => ({ service, releaseSet: release, digest: `${service} ${release}` }));

function status(bodies: EntryBody[][], wanted: ServiceTarget[] | null, open = false): StackStatus {
  const services = wanted?.map(({ service, releaseSet, digest }) => ({ name: service, releaseSet, digest })) ?? [];
  const release = wanted?.[0]?.releaseSet ?? "";
  const state = wanted === null ? null : { release, targetDigest: targetDigestOf(wanted), services };
  return stackStatus({ stack: "infomart-dev", wanted: state, releaseOrder, pages: makePages(bodies, open) });
}
const service = (found: StackStatus, name: string) => found.services.find((one) => one.name === name);
const text = (found: StackStatus) => statusLines(found, Date.parse("2026-11-01T01:00:00Z")).join("\n");

describe("status", () => {
  it("of a stack without a past: everything is to be installed", () => {
    const found = status([], at("r2026-05"));
    assert.deepEqual(
      found.services.map((one) => [one.state, one.releaseSet, one.pending?.direction]),
      names.map(() => ["new", null, "install"]),
    );
    assert.equal(found.next, "cutover plan infomart-dev");
  });

  it("of a verified stack: nothing waits, and it says since which run", () => {
    const found = status([passedRun(1, at("r2026-05")), passedRun(2, at("r2026-08"))], at("r2026-08"));
    assert.deepEqual(
      found.services.map((one) => [one.state, one.releaseSet, one.run, one.pending, one.rollbackTarget]),
      names.map(() => ["verified", "r2026-08", 2, null, "r2026-05"]),
    );
    assert.deepEqual([found.next, found.mixed, found.skew.behind], [null, [], 0]);
    assert.match(text(found), /gim +r2026-08 +run 2, 59m\d+s ago[^]*nothing waits/);
  });

  it("shows what the stack file would change, service by service", () => {
    const wanted = [...at("r2026-08", ["gim"]), ...at("r2026-05", ["gsp", "gca"])];
    const found = status([passedRun(1, at("r2026-05"))], wanted);
    assert.deepEqual(service(found, "gim")?.pending, {
      ...{ releaseSet: "r2026-08", digest: "gim r2026-08", direction: "upgrade" },
    });
    assert.equal(service(found, "gsp")?.pending, null);
  });

  it("names a service that the stack no longer has", () => {
    const found = status([passedRun(1, at("r2026-05"))], at("r2026-05", ["gim", "gsp"]));
    assert.equal(service(found, "gca")?.pending?.direction, "removal");
  });

  it("takes the same content under another name for arrived, so that it is no partial upgrade", () => {
    const before = [...at("r2026-05", ["gim"]), { service: "gsp", releaseSet: "r2026-05", digest: "same" }];
    const after = [...at("r2026-08", ["gim"]), { service: "gsp", releaseSet: "r2026-08", digest: "same" }];
    const upgraded = [
      attemptEntry("2.1", "r2026-08", after),
      receiptEntry("verify", after[0] ?? null, "2.1"),
      { kind: "closed", verdict: "passed", reason: "" } as const,
    ];
    const found = status([passedRun(1, before), upgraded], after);
    assert.deepEqual(found.mixed, []);
    assert.equal(service(found, "gsp")?.releaseSet, "r2026-08");
  });

  it("shows a partial upgrade, how far it is from the N-2 limit, and the failed step with the command to type", () => {
    const to = at("r2026-11");
    const broken = [
      attemptEntry("2.1", "r2026-11", to),
      receiptEntry("verify", to[0] ?? null, "2.1"),
      receiptEntry("verify", to[1] ?? null, "2.1", { verdict: "failed" }),
    ];
    const found = status([passedRun(1, at("r2026-05")), broken], to, true);
    assert.deepEqual(found.mixed, [
      { releaseSet: "r2026-05", services: ["gsp", "gca"] },
      { releaseSet: "r2026-11", services: ["gim"] },
    ]);
    assert.deepEqual([found.skew.behind, found.skew.limit], [2, 2]);
    assert.equal(service(found, "gsp")?.state, "changed");
    assert.deepEqual([found.openRun?.failed?.service, found.openRun?.failed?.step], ["gsp", "verify"]);
    assert.equal(found.next, "cutover upgrade infomart-dev");
    assert.match(text(found), /2 of 2 releases behind[^]*open run 2 towards r2026-11, try 1: gsp verify failed/);
  });

  it("says that an open run is given up when the stack file asks for something else", () => {
    const broken = [attemptEntry("2.1", "r2026-11", at("r2026-11"))];
    const bodies = [passedRun(1, at("r2026-05")), broken];
    assert.equal(status(bodies, at("r2026-08"), true).openRun?.abandoned, true);
    assert.equal(status(bodies, at("r2026-11"), true).openRun?.abandoned, false);
  });

  it("a hold goes before a resume, an open operation before both", () => {
    const hold: EntryBody = { kind: "hold", reason: "after a rollback", by: "anna" };
    const operation: EntryBody = {
      ...{ kind: "operation", id: "op-3", operation: "rollback", targets: [], reason: "gsp failed", by: "anna" },
      answersRun: 2,
    };
    const held = status([passedRun(1, at("r2026-05")), [hold]], at("r2026-05"));
    assert.match(text(held), /on hold since .*: after a rollback \(anna\)/);
    assert.match(held.next ?? "", /^cutover unhold infomart-dev/);
    const both = status([passedRun(1, at("r2026-05")), [hold], [operation]], at("r2026-05"));
    assert.equal(both.next, "cutover rollback infomart-dev");
    const lifted = status([[hold], [{ kind: "unhold", reason: "fixed" }]], at("r2026-05"));
    assert.equal(lifted.hold, null);
  });

  it("tells what the ledger knows although the stack file cannot be resolved", () => {
    const found = status([passedRun(1, at("r2026-05"))], null);
    assert.deepEqual(
      found.services.map((one) => [one.name, one.releaseSet, one.pending]),
      names.map((name) => [name, "r2026-05", null]),
    );
  });

  it("shows the last backup, the last verification and the open issues", () => {
    const backup = receiptEntry("backup", at("r2026-08")[0] ?? null, "2.1");
    if (backup.kind === "receipt") backup.receipt.facts = { backupId: "infomart-dev/gim/2", kind: "pgDump" };
    const found = status(
      [
        [attemptEntry("1.1", "r2026-08", at("r2026-08")), backup, { kind: "closed", verdict: "failed", reason: "" }],
        [
          {
            kind: "verification",
            verdict: "failed",
            results: [{ service: "gca", verdict: "failed", summary: "old" }],
            by: "bo",
          },
        ],
        [
          {
            kind: "issue",
            id: "issue-1",
            text: "late",
            severity: "high",
            state: "open",
            resolution: null,
            remedy: null,
            by: "bo",
          },
        ],
      ],
      at("r2026-08"),
    );
    assert.equal(service(found, "gim")?.lastBackup?.id, "infomart-dev/gim/2");
    assert.match(text(found), /last verification: failed[^]*gca failed: old[^]*open issue issue-1 \(high\): late/);
  });

  it("never has a verified service pending at its own digest, and the oldest is as far behind as the list says", () => {
    const release = fc.constantFrom(...releaseOrder);
    fc.assert(
      fc.property(fc.array(release, { minLength: 3, maxLength: 3 }), release, (runs, wanted) => {
        const standing = names.flatMap((name, index) => at(runs[index] ?? "", [name]));
        const found = status([passedRun(1, standing)], at(wanted));
        for (const one of found.services) {
          assert.equal(one.pending === null, one.releaseSet === wanted, one.name);
        }
        const positions = runs.map((one) => releaseOrder.indexOf(one));
        assert.equal(found.skew.behind, Math.max(...positions) - Math.min(...positions));
        assert.equal(found.mixed.length === 0, new Set(runs).size === 1);
      }),
    );
  });
});
