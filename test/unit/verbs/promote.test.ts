import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { approve } from "../../../automation/verbs/approve.ts";
import { promote } from "../../../automation/verbs/promote.ts";
import type { EntryBody } from "../../../model/ledger.ts";
import { loadStackSettings } from "../../../stacks/config.ts";
import { planStack } from "../../../stacks/stack-plan.ts";
import { verificationEntry, verifiedRun } from "../model/promotion-pages.ts";
import { createProject, devLines, type ProjectFixture } from "../stacks/fixture.ts";
import { openBench, type VerbBench } from "./verb-context.ts";

const upperLines = (stack: string, lower: string) => [
  ...devLines.with(1, "  cutover:environment: staging").with(2, "  cutover:release: a1 # the upgrade"),
  `  cutover:lower: ${lower}`,
  `  cutover:namespaces: { prefix: ${stack}- }`,
];

describe("cutover promote", () => {
  let project: ProjectFixture;
  let bench: VerbBench;
  beforeEach(() => {
    project = createProject();
    project.stack("infomart-staging", upperLines("staging", "infomart-dev"));
    bench = openBench(project.root);
  });
  afterEach(() => project.remove());

  /** Dev runs b2 and passes: one page in its ledger, as preflight and finish write it. */
  async function devVerifies(...later: EntryBody[][]) {
    const { preflight } = await planStack(project.root, "infomart-dev", () => Promise.resolve([]));
    const set = preflight.guards.releaseSets["b2"];
    assert.ok(set !== undefined);
    const run = verifiedRun(1, "b2", { setHash: set.hash, judgedBy: set.judgedBy });
    for (const bodies of [run, ...later]) await bench.ledger("infomart-dev").append(bodies);
    return set;
  }
  const promoteDev = (options: Record<string, string | boolean> = {}) =>
    bench.run(promote, { arguments: { from: "infomart-dev", to: "infomart-staging" }, options });
  const promotions = async () =>
    (await bench.ledger("infomart-staging").pages())
      .flatMap((page) => page.entries)
      .filter((entry) => entry.kind === "promotion" || entry.kind === "rehearsal");

  it("copies the proof, sets the release and names the next command", async () => {
    const set = await devVerifies();
    const result = await promoteDev();
    assert.deepEqual([result.exitCode, result.code], [0, null], result.text);
    assert.match(
      result.text,
      /b2 .* is promoted from infomart-dev to infomart-staging: run 1[^]*next: cutover upgrade infomart-staging/,
    );
    const [entry, ...more] = await promotions();
    assert.ok(entry?.kind === "promotion" && more.length === 0);
    assert.deepEqual([entry.proof.hash, entry.proof.judgedBy], [set.hash, set.judgedBy]);
    assert.equal(loadStackSettings(project.root, "infomart-staging").release, "b2");
    const file = readFileSync(path.join(project.root, "stacks/Pulumi.infomart-staging.yaml"), "utf8");
    assert.match(file, /release: b2 # the upgrade/);
  });

  it("done again, it adds nothing to the ledger", async () => {
    await devVerifies();
    await promoteDev();
    assert.equal((await promoteDev()).exitCode, 0);
    assert.equal((await promotions()).length, 1);
  });

  it("with --dry-run it changes nothing", async () => {
    await devVerifies();
    const result = await promoteDev({ dryRun: true });
    assert.match(result.text, /may be promoted[^]*next: cutover promote infomart-dev infomart-staging --release b2/);
    assert.deepEqual(await promotions(), []);
    assert.equal(loadStackSettings(project.root, "infomart-staging").release, "a1");
  });

  it("brings the lower stack's rehearsal with its own date", async () => {
    const { hash } = await devVerifies();
    await bench.ledger("infomart-dev").append({
      ...{ kind: "rehearsal", releaseSet: "b2", setHash: hash, verdict: "passed", seconds: 60 },
    });
    const made = (await bench.ledger("infomart-dev").pages()).at(-1)?.entries[0]?.at;
    await promoteDev();
    await promoteDev();
    const copies = (await promotions()).filter((entry) => entry.kind === "rehearsal");
    assert.deepEqual(
      copies.map((entry) => [entry.from, entry.rehearsedAt]),
      [["infomart-dev", made]],
    );
  });

  it("refuses what dev did not verify, and touches nothing", async () => {
    const nothing = await promoteDev();
    assert.deepEqual([nothing.code, nothing.exitCode], ["CUT-6221", 15]);
    await devVerifies();
    assert.equal((await promoteDev({ release: "a1" })).code, "CUT-6200");
    assert.deepEqual(await promotions(), []);
    assert.equal(loadStackSettings(project.root, "infomart-staging").release, "a1");
  });

  it("refuses a folder that was changed after it was verified", async () => {
    await devVerifies();
    appendFileSync(path.join(project.root, "stacks/infomart/releases/b2/release.yaml"), "# a word\n");
    assert.equal((await promoteDev()).code, "CUT-6201");
  });

  it("refuses gates that were weaker in dev", async () => {
    project.stack("infomart-dev", [...devLines, "  cutover:gateSettings: { gim-lag: { windowSeconds: 5 } }"]);
    await devVerifies();
    const result = await promoteDev();
    assert.equal(result.code, "CUT-6202");
    assert.match(result.text, /steps and gates: gim\n/);
  });

  it("refuses until the soak is over, naming all other reasons too", async () => {
    project.stack("infomart-dev", [...devLines, "  cutover:soak: 24h"]);
    await devVerifies([verificationEntry("failed")], [{ kind: "hold", reason: "load test" }]);
    const result = await promoteDev();
    assert.equal(result.code, "CUT-6206");
    assert.match(result.text, /on hold: load test[^]*CUT-6205 also[^]*CUT-6204 also: .* in (23h|24h|1d)/);
  });

  it("refuses stacks that are not above each other", async () => {
    const result = await bench.run(promote, { arguments: { from: "infomart-staging", to: "infomart-dev" } });
    assert.deepEqual([result.code, result.exitCode], ["CUT-6220", 2]);
    project.stack("infomart-prod", upperLines("prod", "infomart-staging"));
    const skipping = await bench.run(promote, { arguments: { from: "infomart-dev", to: "infomart-prod" } });
    assert.match(skipping.text, /cutover promote infomart-staging infomart-prod/);
  });
});

describe("cutover approve", () => {
  let project: ProjectFixture;
  let bench: VerbBench;
  beforeEach(() => {
    project = createProject();
    project.stack("infomart-dev", [
      ...devLines,
      "  cutover:approvals: [{ role: uat, count: 2, users: [anna], groups: [testers] }, { role: ops, users: [otto] }]",
    ]);
    bench = openBench(project.root);
  });
  afterEach(() => project.remove());
  const anna = { username: "anna", groups: [] };
  const approveAs = (identity: { username: string; groups: string[] }, role = "uat", release = "b2") =>
    bench.run(approve, { arguments: { stack: "infomart-dev", release }, options: { role }, identity });
  const approvals = async () => (await bench.ledger("infomart-dev").pages()).flatMap((page) => page.entries);

  it("records who approves which folder, once, and what is still missing", async () => {
    const result = await approveAs(anna);
    assert.equal(result.exitCode, 0, result.text);
    assert.match(
      result.text,
      /uat: 1 of 2 \(anna\)[^]*next: cutover approve infomart-dev b2 --role uat; .* --role ops/,
    );
    const { preflight } = await planStack(project.root, "infomart-dev", () => Promise.resolve([]));
    const [entry] = await approvals();
    assert.ok(entry?.kind === "approval");
    assert.deepEqual([entry.by, entry.setHash], [anna, preflight.guards.releaseSets["b2"]?.hash]);
    assert.match((await approveAs(anna)).text, /had approved/);
    assert.equal((await approvals()).length, 1);
    await approveAs({ username: "tim", groups: ["testers"] });
    assert.match(
      (await approveAs({ username: "otto", groups: [] }, "ops")).text,
      /next: cutover upgrade infomart-dev --release b2/,
    );
  });

  it("refuses an unknown role and whoever is not in it", async () => {
    const unknown = await approveAs(anna, "uad");
    assert.deepEqual([unknown.code, unknown.exitCode], ["CUT-6210", 18]);
    const outside = await approveAs({ username: "carl", groups: ["developers"] });
    assert.deepEqual([outside.code, outside.exitCode], ["CUT-6211", 18]);
    assert.match(outside.text, /carl is not in the role uat[^]*users: anna[^]*groups: testers/);
    assert.deepEqual(await approvals(), []);
  });

  it("refuses a release set that does not exist", async () => {
    assert.equal((await approveAs(anna, "uat", "b3")).code, "CUT-2040");
  });
});
