import assert from "node:assert/strict";
import fc from "fast-check";
import { ack } from "../../../automation/verbs/acknowledge.ts";
import { issue } from "../../../automation/verbs/issue.ts";
import { allIssues, nextIssueId, openIssues, type Issue } from "../../../model/issues.ts";
import { summarize } from "../../../model/ledger-summary.ts";
import type { EntryBody } from "../../../model/ledger.ts";
import { makePages } from "../model/ledger-pages.ts";
import { openVerbWorld, type VerbWorld } from "./verb-runner.ts";

const severities = ["low", "medium", "high"] as const;
const entry = (id: string, severity: Issue["severity"], state: Issue["state"] = "open"): EntryBody => ({
  ...{ kind: "issue", id, text: `text of ${id}`, severity, state, resolution: null, remedy: null, by: "anna" },
});

describe("issues", () => {
  it("are open until they are resolved, the gravest first", () => {
    const pages = makePages([
      [entry("issue-1", "low"), entry("issue-2", "high")],
      [entry("issue-3", "medium"), entry("issue-1", "low", "resolved")],
    ]);
    assert.deepEqual(
      openIssues(pages).map((one) => one.id),
      ["issue-2", "issue-3"],
    );
    const first = allIssues(pages)[0];
    assert.equal(first?.state, "resolved");
    assert.notEqual(first.resolvedAt, first.openedAt);
  });

  it("never get an id twice, whatever was resolved", () => {
    const step = fc.record({ severity: fc.constantFrom(...severities), resolve: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const bodies: EntryBody[][] = [];
        const given: string[] = [];
        for (const { severity, resolve } of steps) {
          const id = nextIssueId(makePages(bodies));
          assert.ok(!given.includes(id));
          given.push(id);
          bodies.push([entry(id, severity)]);
          if (resolve) bodies.push([entry(id, severity, "resolved")]);
        }
        const resolved = steps.filter((one) => one.resolve).length;
        assert.equal(openIssues(makePages(bodies)).length, steps.length - resolved);
      }),
    );
  });
});

describe("the verbs issue and ack", () => {
  let world: VerbWorld;
  beforeEach(() => (world = openVerbWorld()));
  afterEach(() => world.remove());
  const issues = async () => allIssues(await world.ledger.pages());

  it("records an issue, then its resolution and remedy", async () => {
    const opened = await world.run(issue, { text: "snapshots late" }, { severity: "high" });
    assert.match(opened.text, /issue-1 open \(high\): snapshots late/);
    await world.run(
      issue,
      {},
      { resolve: "issue-1", resolution: "more memory", remedy: "b3 values", severity: "medium" },
    );
    const [found] = await issues();
    assert.deepEqual(
      [found?.state, found?.severity, found?.text, found?.resolution, found?.remedy],
      ["resolved", "high", "snapshots late", "more memory", "b3 values"],
    );
    const listed = await world.run(issue, {}, { list: true, severity: "medium" });
    assert.match(listed.text, /issue-1 +resolved +high .*more memory.*b3 values/);
  });

  it("two at once get two ids", async () => {
    const severity = "low";
    await Promise.all(["one", "two", "three"].map((text) => world.run(issue, { text }, { severity })));
    assert.deepEqual((await issues()).map((one) => one.id).sort(), ["issue-1", "issue-2", "issue-3"]);
  });

  it("goes on an open run's page, which stays open", async () => {
    await world.ledger.update(() => ({ bodies: [{ kind: "note", text: "a run" }], page: "new", open: true }));
    await world.run(issue, { text: "seen meanwhile" }, { severity: "low" });
    const pages = await world.ledger.pages();
    assert.deepEqual([pages.length, pages[0]?.open, pages[0]?.entries.length], [1, true, 2]);
  });

  it("refuses what it does not know, and records nothing", async () => {
    await world.run(issue, { text: "real" }, { severity: "low" });
    const refused = [
      [{ text: "x" }, { severity: "grave" }, /CUT-6253/],
      [{}, { severity: "low" }, /CUT-6253/],
      [{ text: "x" }, { severity: "low", list: true }, /CUT-6253/],
      [{}, { severity: "low", resolve: "issue-1" }, /CUT-6253.*resolution/],
      [{}, { severity: "low", resolve: "isue-1", resolution: "done" }, /CUT-6254.*did you mean issue-1/],
    ] as const;
    for (const [given, options, words] of refused) await assert.rejects(world.run(issue, given, options), words);
    assert.equal((await issues()).length, 1);
  });

  it("acknowledges a note of any release set once", async () => {
    const first = await world.run(ack, { note: "note-b2" }, { reason: "read by the team" });
    assert.match(first.text, /note-b2 acknowledged.*\nrelease notes: read me/);
    const again = await world.run(ack, { note: "note-b2" });
    assert.match(again.text, /was acknowledged before/);
    const pages = await world.ledger.pages();
    assert.equal(pages.length, 1);
    assert.ok(summarize(pages).acknowledged.has("note-b2"));
  });

  it("refuses a note that no release set has, with the one that was meant", async () => {
    await assert.rejects(world.run(ack, { note: "note-b3" }), /CUT-6252.*did you mean note-(a1|b2)/);
    assert.deepEqual(await world.ledger.pages(), []);
  });
});
