import assert from "node:assert/strict";
import type { EntryBody } from "../../../model/ledger.ts";
import type { Identity } from "../../../model/operation.ts";
import { checksFor } from "../../../steps/preflight/checks/groups.ts";
import { passedRun } from "../model/ledger-pages.ts";
import { contextOf, service, setNamed, targetsOf, type Situation } from "./situation.ts";

const checks = checksFor([]);
const hour = 3_600_000;
const names = ["window", "approvals", "announced", "promoted", "rehearsed"] as const;
const services = [service("gim", "r2026-11"), service("gsp", "r2026-11")];
const old = [service("gim", "r2026-08"), service("gsp", "r2026-08")];
const before = passedRun(1, targetsOf(old));
const runner: Identity = { username: "ci", groups: [] };
const { hash, judgedBy } = setNamed("r2026-11");
const everyDay = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const openNow = { zone: "UTC", allow: [{ days: [...everyDay], start: "00:00", length: "2d" }], deny: [] };
const today = new Date().toISOString().slice(0, 10);
const closedNow = { ...openNow, deny: [{ from: "2020-01-01", to: `9${today.slice(1)}`, reason: "quarter end" }] };
const uat = { role: "uat", count: 1, users: ["anna", "ci"], groups: [] };
const demanding = {
  ...{ lower: "infomart-staging", window: closedNow, approvals: [uat], announce: "3d", rehearsal: "14d" },
};

async function ask(name: (typeof names)[number], situation: Partial<Situation> = {}) {
  const check = checks.find((one) => one.name === name);
  assert.ok(check !== undefined && check.overridable);
  const request = { stack: "infomart-prod", environment: "prod", ...situation.request };
  const result = await check.run(contextOf({ services, pages: [before], runner, ...situation, request }));
  const text = [result.summary, ...result.evidence, result.next ?? ""].join("\n");
  return { verdict: result.verdict, text };
}
const approval = (username: string, setHash = hash): EntryBody => ({
  ...{ kind: "approval", releaseSet: "r2026-11", setHash, role: "uat", by: { username, groups: [] } },
});
const iso = (instant: number) => new Date(instant).toISOString();

describe("guards of production", () => {
  it("are skipped where the stack does not ask for them", async () => {
    for (const name of names) assert.equal((await ask(name)).verdict, "skipped", name);
  });

  it("say no where it asks and nothing was done", async () => {
    for (const name of names) assert.equal((await ask(name, { guards: demanding })).verdict, "failed", name);
  });

  it("are skipped when nothing is to change", async () => {
    for (const name of names) {
      const { verdict, text } = await ask(name, { guards: demanding, services: old });
      assert.equal(verdict, "skipped", name);
      assert.match(text, /nothing is to change/);
    }
  });

  it("never block a rollback", async () => {
    const rollback: EntryBody = {
      ...{ kind: "operation", id: "op-2", operation: "rollback", targets: [], reason: "", by: "anna", answersRun: 1 },
    };
    for (const name of names) {
      const { verdict, text } = await ask(name, { guards: demanding, pages: [before, [rollback]] });
      assert.equal(verdict, "skipped", name);
      assert.match(text, /never blocked/);
    }
    const upgrade = { ...rollback, operation: "upgrade" as const };
    for (const name of names) {
      assert.equal((await ask(name, { guards: demanding, pages: [before, [upgrade]] })).verdict, "failed", name);
    }
  });

  it("do not ask of an adoption what was never done before it, but for its window", async () => {
    const adopt: EntryBody = {
      ...{ kind: "operation", id: "op-1", operation: "adopt", targets: [], reason: "", by: "anna", answersRun: null },
    };
    const verdicts = names.map(async (name) => (await ask(name, { guards: demanding, pages: [[adopt]] })).verdict);
    assert.deepEqual(await Promise.all(verdicts), ["failed", "failed", "failed", "skipped", "skipped"]);
  });
});

describe("the maintenance window of a run", () => {
  it("must be open", async () => {
    assert.equal((await ask("window", { guards: { window: openNow } })).verdict, "passed");
    const { text } = await ask("window", { guards: { window: closedNow } });
    assert.match(text, /window is closed[^]*denied today: quarter end[^]*worst case: 20m[^]*no window within 400 days/);
  });

  it("must be long enough for the worst case", async () => {
    const tomorrow = iso(Date.now() + 24 * hour).slice(0, 10);
    const window = { ...openNow, deny: [{ from: tomorrow, to: tomorrow, reason: "holiday" }] };
    const slow = services.map((one) => ({ ...one, helmTimeoutSeconds: 24 * 3600 }));
    const { verdict, text } = await ask("window", { guards: { window }, services: slow });
    assert.equal(verdict, "failed");
    assert.match(text, /does not fit: the window closes in[^]*worst case: 4d/);
  });
});

describe("approvals of a run", () => {
  const guards = { approvals: [uat] };

  it("count by the hash of the release set that services move to", async () => {
    assert.equal((await ask("approvals", { guards, pages: [before, [approval("anna")]] })).verdict, "passed");
    const { verdict, text } = await ask("approvals", { guards, pages: [before, [approval("anna", "other")]] });
    assert.equal(verdict, "failed");
    assert.match(text, /0 of 1 approvals of uat[^]*cutover approve infomart-prod r2026-11 --role uat/);
  });

  it("do not count when the approver runs it", async () => {
    const { verdict, text } = await ask("approvals", { guards, pages: [before, [approval("ci")]] });
    assert.equal(verdict, "failed");
    assert.match(text, /approval of ci does not count: ci runs the upgrade/);
  });
});

describe("the announcement of a run", () => {
  const guards = { announce: "3d" };
  const now = Date.now();
  // Entries of makePages have a fixed date; that early and late announcements differ is model/approval.test.ts's.
  const announced = (starts: number, ends: number): EntryBody => ({
    ...{ kind: "announcement", releaseSet: "r2026-11", starts: iso(starts), ends: iso(ends), text: "", by: "anna" },
  });

  it("must cover now", async () => {
    const { verdict, text } = await ask("announced", {
      guards,
      pages: [before, [announced(now + hour, now + 2 * hour)]],
    });
    assert.equal(verdict, "failed");
    assert.match(text, /next announced: [^]*cutover announce infomart-prod --window/);
  });
});

describe("the promotion of a run", () => {
  const guards = { lower: "infomart-staging" };
  const proof = {
    ...{ stack: "infomart-staging", releaseSet: "r2026-11", hash, toolVersion: "0.1.0", judgedBy, run: 7 },
    ...{ verifiedAt: "2026-11-01T00:00:00.000Z", ledgerHead: "" },
  };
  const promoted = (more: Partial<typeof proof> = {}): EntryBody[] => [
    { kind: "promotion", from: "infomart-staging", proof: { ...proof, ...more }, by: "anna" },
  ];

  it("is proved by the stack's own ledger", async () => {
    const { verdict, text } = await ask("promoted", { guards, pages: [before, promoted()] });
    assert.equal(verdict, "passed");
    assert.match(text, /verified by run 7 of infomart-staging/);
  });

  it("is missing for another folder, judged otherwise, or by another version", async () => {
    for (const more of [{ hash: "other" }, { judgedBy: { gim: "weaker", gsp: "j-gsp" } }, { toolVersion: "0.0.9" }]) {
      const { verdict, text } = await ask("promoted", { guards, pages: [before, promoted(more)] });
      assert.equal(verdict, "failed");
      assert.match(text, /cutover promote infomart-staging infomart-prod --release r2026-11/);
    }
  });

  it("is not asked of dev", async () => {
    assert.equal((await ask("promoted", { guards, request: { environment: "dev" } })).verdict, "skipped");
  });
});

describe("the rehearsal of a run", () => {
  const guards = { rehearsal: "14d" };
  const rehearsed = (daysAgo: number, verdict: "passed" | "failed" = "passed"): EntryBody => ({
    ...{ kind: "rehearsal", releaseSet: "r2026-11", setHash: hash, verdict, seconds: 60, from: "infomart-staging" },
    rehearsedAt: iso(Date.now() - daysAgo * 24 * hour),
  });
  const after = (...entries: EntryBody[]) => ask("rehearsed", { guards, pages: [before, entries] });

  it("must have passed and be fresh", async () => {
    assert.equal((await after(rehearsed(13))).verdict, "passed");
    assert.match((await after(rehearsed(15))).text, /rehearsal passed, 15d ago, wanted within 14d/);
    assert.match((await after(rehearsed(3), rehearsed(1, "failed"))).text, /rehearsal failed/);
  });
});
