import assert from "node:assert/strict";
import { announce } from "../../../automation/verbs/announce.ts";
import { parseInterval } from "../../../model/announced-window.ts";
import { serveHttp } from "../clients/loopback.ts";
import { createProject, devLines, type ProjectFixture } from "../stacks/fixture.ts";
import { openBench, type VerbBench } from "./verb-context.ts";

describe("an announced window", () => {
  const read = (text: string, zone: string | null = "Europe/Berlin") => {
    const interval = parseInterval(text, zone);
    if ("problem" in interval) return interval.problem;
    return [interval.start, interval.end].map((end) => new Date(end).toISOString().slice(0, 16)).join("/");
  };

  it("is local to the stack's zone, or has offsets; its end may be a length", () => {
    const expected = "2026-11-21T21:00/2026-11-22T01:00";
    for (const text of [
      "2026-11-21T22:00/4h",
      "2026-11-21T22:00/PT4H",
      "2026-11-21 22:00/2026-11-22 02:00",
      "2026-11-21T22:00/2026-11-22T02:00",
      "2026-11-21T22:00+01:00/2026-11-22T01:00Z",
      "2026-11-21T16:00-05:00/4h",
    ]) {
      assert.equal(read(text), expected, text);
    }
    assert.equal(read("2026-11-21T21:00Z/240m", null), expected);
  });

  it("lasts its real length when the clock is changed in it", () => {
    assert.equal(read("2026-10-25T01:00/4h"), "2026-10-24T23:00/2026-10-25T03:00");
    assert.equal(read("2026-03-28T22:00/2026-03-29T04:00"), "2026-03-28T21:00/2026-03-29T02:00");
  });

  it("that cannot be understood is told", () => {
    assert.match(read("2026-11-21T22:00"), /is not START\/END/);
    assert.match(read("2026-11-21/4h"), /is not a time/);
    assert.match(read("2026-11-21T22:00/4h", null), /has no offset and the stack no cutover:window\.zone/);
    assert.match(read("2026-11-31T22:00/4h"), /2026-11-31T22:00: /);
    assert.match(read("2026-11-21T22:00/2026-11-21T22:00"), /ends before it starts/);
    assert.match(read("2026-11-21T22:00/soon"), /soon is not a time/);
  });
});

describe("cutover announce", () => {
  let project: ProjectFixture;
  let bench: VerbBench;
  beforeEach(() => {
    project = createProject();
    bench = openBench(project.root);
  });
  afterEach(() => project.remove());
  const run = (window: string, options = {}) =>
    bench.run(announce, { arguments: { stack: "infomart-dev" }, options: { window, ...options } });

  it("records the window and tells those who want to know", async () => {
    const bodies: string[] = [];
    const server = await serveHttp((request, answer) => {
      request.on("data", (chunk: Buffer) => bodies.push(chunk.toString()));
      request.on("end", () => answer.writeHead(200).end());
    });
    const notify = `  cutover:notify: [{ url: "http://127.0.0.1:${server.port}/" }, { command: [/no/such], events: [started] }]`;
    project.stack("infomart-dev", [...devLines, notify]);
    const result = await run("2099-11-21T22:00Z/4h", { text: "we upgrade" }).finally(() => server.close());
    assert.equal(result.exitCode, 0, result.text);
    const [entry] = (await bench.ledger("infomart-dev").pages()).flatMap((page) => page.entries);
    assert.ok(entry?.kind === "announcement");
    assert.deepEqual(
      [entry.starts, entry.ends, entry.text, entry.releaseSet],
      ["2099-11-21T22:00:00.000Z", "2099-11-22T02:00:00.000Z", "we upgrade", "b2"],
    );
    assert.match(bodies.join(), /"io\.cutover\.run\.announced".*we upgrade \(Sat 2099-11-21 22:00 to Sun/);
    assert.doesNotMatch(result.text, /warning/);
  });

  it("warns when preflight will refuse it", async () => {
    project.stack("infomart-dev", [
      ...devLines,
      "  cutover:announce: 3d",
      "  cutover:window: { zone: Europe/Berlin, allow: [{ days: [sun], start: '03:00' }] }",
    ]);
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    assert.match((await run(`${soon}/1h`)).text, /warning: it begins in 1h, but this stack wants 3d of notice/);
    assert.match((await run("2099-11-21T22:00/4h")).text, /warning: it is not within the stack's maintenance windows/);
    assert.doesNotMatch((await run("2099-11-22T03:00/4h")).text, /warning/);
  });

  it("refuses what is over or cannot be understood, and records nothing", async () => {
    for (const window of ["2020-11-21T22:00Z/4h", "tomorrow"]) {
      const result = await run(window);
      assert.deepEqual([result.code, result.exitCode], ["CUT-6215", 2]);
    }
    assert.deepEqual(await bench.ledger("infomart-dev").pages(), []);
  });
});
