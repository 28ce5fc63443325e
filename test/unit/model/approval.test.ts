import assert from "node:assert/strict";
import { judgeAnnouncements, type Announcement } from "../../../model/announcement.ts";
import { approvalsOf, judgeApprovals, type ApprovalRule } from "../../../model/approval.ts";
import type { Identity } from "../../../model/operation.ts";
import { migrateTimeout, worstCaseMilliseconds } from "../../../model/worst-case.ts";
import { makePages } from "./ledger-pages.ts";

const anna: Identity = { username: "anna", groups: ["uat-team"] };
const ben: Identity = { username: "ben", groups: [] };
const carl: Identity = { username: "carl", groups: ["developers"] };
const uat: ApprovalRule = { role: "uat", count: 2, users: ["ben"], groups: ["uat-team"] };
const by = (identity: Identity, hash = "h", role = "uat") => ({
  role,
  setHash: hash,
  by: identity,
  at: "2026-11-01T00:00:00Z",
});

describe("approvals", () => {
  it("count by user or group, each person once", () => {
    const [role] = judgeApprovals([uat], [by(anna), by(anna), by(ben)], "h", carl);
    assert.deepEqual([role?.approvedBy, role?.missing], [["anna", "ben"], 0]);
    assert.equal(judgeApprovals([uat], [by(anna), by(anna)], "h", carl)[0]?.missing, 1);
  });

  it("of another hash or another role never count", () => {
    const [role] = judgeApprovals([uat], [by(anna, "other"), by(ben, "h", "operations")], "h", carl);
    assert.deepEqual([role?.approvedBy, role?.ignored, role?.missing], [[], [], 2]);
  });

  it("of the runner do not count, nor of somebody outside the role, and say why", () => {
    const [role] = judgeApprovals([uat], [by(anna), by(ben), by(carl)], "h", anna);
    assert.deepEqual(role?.approvedBy, ["ben"]);
    assert.deepEqual(
      role.ignored.map((one) => one.username),
      ["anna", "carl"],
    );
    assert.match(role.ignored.map((one) => one.why).join(), /runs the upgrade.*not in the role uat/);
  });

  it("count again when the person is in the role by a later approval", () => {
    const before = { username: "dora", groups: [] };
    const [role] = judgeApprovals([uat], [by(before), by({ ...before, groups: ["uat-team"] })], "h", null);
    assert.deepEqual([role?.approvedBy, role?.ignored], [["dora"], []]);
  });

  it("of a role that nobody is in are missing for ever", () => {
    const nobody = { role: "uat", count: 1, users: [], groups: [] };
    assert.equal(judgeApprovals([nobody], [by(anna), by(ben)], "h", null)[0]?.missing, 1);
  });

  it("are read from the ledger, oldest first", () => {
    const entry = (identity: Identity) =>
      ({ kind: "approval", releaseSet: "b2", setHash: "h", role: "uat", by: identity }) as const;
    const pages = makePages([[entry(anna)], [entry(ben)]]).reverse();
    assert.deepEqual(
      approvalsOf(pages).map((approval) => approval.by.username),
      ["anna", "ben"],
    );
  });
});

describe("announcements", () => {
  const day = 86_400_000;
  const window = (announcedAt: number): Announcement => ({
    releaseSet: "b2",
    start: 10 * day,
    end: 11 * day,
    announcedAt,
    by: "anna",
  });

  it("count when they cover now and were made early enough", () => {
    const judged = (now: number, announcedAt: number) => judgeAnnouncements([window(announcedAt)], now, 3 * day);
    assert.equal(judged(10 * day, 7 * day).inTime.length, 1);
    assert.equal(judged(11 * day - 1, 7 * day).inTime.length, 1);
    assert.equal(judged(11 * day, 7 * day).inTime.length, 0);
    const late = judged(10 * day, 7 * day + 1);
    assert.deepEqual([late.inTime.length, late.tooLate.length], [0, 1]);
    assert.equal(judged(9 * day, 7 * day).next?.start, 10 * day);
  });
});

describe("worst case", () => {
  it("asks for no migration's time where the schema stays", () => {
    const migrate = { schemaVersionQuery: "select 1", timeoutSeconds: 3600, maxRestarts: 2 };
    assert.equal(migrateTimeout({ migrate, schemaVersion: { from: "1", to: "1" } }), 0);
    assert.equal(migrateTimeout({ migrate, schemaVersion: { from: "1", to: "2" } }), 3600);
    assert.equal(migrateTimeout({ migrate: null, schemaVersion: null }), 0);
  });

  it("is Helm, then the pods, then the slowest other gate, one service after the other, and the same way back", () => {
    const gate = (kind: "pods" | "promql", timeoutSeconds: number) => ({ kind, timeoutSeconds });
    const gates = [gate("pods", 600), gate("promql", 100), gate("promql", 300)];
    const gim = { helmTimeoutSeconds: 900, gates, migrateTimeoutSeconds: 0 };
    const small = { helmTimeoutSeconds: 60, gates: [], migrateTimeoutSeconds: 0 };
    assert.equal(worstCaseMilliseconds([gim, small]), 2 * (1800 + 60) * 1_000);
    // A migration is not made twice: no way back migrates.
    assert.equal(worstCaseMilliseconds([{ ...gim, migrateTimeoutSeconds: 3600 }]), (2 * 1800 + 3600) * 1_000);
    assert.equal(worstCaseMilliseconds([]), 0);
  });
});
