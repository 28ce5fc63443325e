import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Entry } from "../../model/ledger.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { addSecondPerson } from "../../sandbox/cluster/second-person.ts";
import { cutover } from "./support/driver.ts";
import { installedScenario, up, type Finished } from "./support/runs.ts";
import { quickGates, type Scenario } from "./support/scenario.ts";
import { openUpperStack } from "./support/three-stacks.ts";
import { edit, editFile, pages, record, revisions } from "./support/world.ts";

// One release set from dev over staging to prod, by the real command line, and everything that keeps it from there. Told in order.

const releaseSet = "r2026-08";
const setFile = `stacks/infomart/releases/${releaseSet}/release.yaml`;
const minuteMilliseconds = 60_000;
const runner = "kwok-admin";
/** Exit code of plain `pulumi up` when a resource fails. */
const pulumiFailed = 1;

describe("cutover promote, approve and announce", function () {
  this.timeout(300_000);
  let dev: Scenario;
  let staging: Scenario;
  let prod: Scenario;

  before(async () => {
    dev = await installedScenario({ release: releaseSet });
    staging = await openUpperStack(dev, "staging", { release: "r2026-05" });
    prod = await openUpperStack(dev, "prod", { release: "r2026-05" });
  });

  const stackFile = (scenario: Scenario) =>
    readFile(join(scenario.workspace.directory, "stacks", `Pulumi.${scenario.stack}.yaml`), "utf8");
  const entries = async <Kind extends Entry["kind"]>(scenario: Scenario, kind: Kind) =>
    (await pages(scenario)).flatMap((page) =>
      page.entries.filter((entry): entry is Extract<Entry, { kind: Kind }> => entry.kind === kind),
    );
  const promote = (from: Scenario, to: Scenario, ...more: string[]) =>
    cutover(from, "promote", from.stack, to.stack, ...more);

  /** The promotion must end with 15 and these words, and leave the upper ledger and stack file as they are. */
  async function notPromoted(from: Scenario, to: Scenario, word: RegExp, ...more: string[]): Promise<void> {
    const before = [await pages(to), await stackFile(to)];
    const run = await promote(from, to, ...more);
    assert.equal(run.exitCode, 15, run.text);
    assert.match(run.text, word);
    assert.match(run.text, /next: \S/);
    assert.deepEqual([await pages(to), await stackFile(to)], before, "a refused promotion left a trace");
  }

  /** The run must end in preflight with this exit code and these words, and install nothing. */
  async function notRun(run: Promise<Finished>, scenario: Scenario, exitCode: number, word: RegExp): Promise<void> {
    const { exitCode: found, text } = await run;
    assert.match(text, word);
    assert.equal(found, exitCode, text);
    const installed = Object.values(await revisions(scenario)).filter((revision) => revision > 0);
    assert.deepEqual(installed, [], "something was installed");
  }
  const upgrade = (scenario: Scenario): Promise<Finished> => cutover(scenario, "upgrade", scenario.stack);

  describe("what keeps a release set in dev", () => {
    it("never verified there, or not even installed", async () => {
      await notPromoted(dev, staging, /CUT-6200.*has never verified r2026-11/, "--release", "r2026-11");
      await notPromoted(staging, prod, /CUT-6221.*has not verified any release set/);
    });

    it("its folder was edited after it had been verified", async () => {
      await editFile(dev, setFile, (text) => `${text}# one byte more\n`);
      await notPromoted(dev, staging, /CUT-6201.*is not the one that run 1 of infomart-dev verified/);
      await editFile(dev, setFile, (text) => text.replace("# one byte more\n", ""));
    });

    it("the stack above judges by other gates", async () => {
      await edit(staging, { gateSettings: { "gim-lag": { ...quickGates["gim-lag"], minimumSamples: 30 } } });
      await notPromoted(dev, staging, /CUT-6202.*did not judge by the same steps and gates: gim/);
      await edit(staging, { gateSettings: quickGates });
    });

    it("it has not soaked", async () => {
      await edit(dev, { soak: "1h" });
      await notPromoted(dev, staging, /CUT-6204.*has to stand verified on infomart-dev for 1h/);
      await edit(dev, { soak: null });
    });

    it("dev is on hold", async () => {
      assert.equal((await cutover(dev, "hold", dev.stack, "--reason", "load test")).exitCode, 0);
      await notPromoted(dev, staging, /CUT-6206.*on hold: load test/);
      assert.equal((await cutover(dev, "unhold", dev.stack, "--reason", "it is over")).exitCode, 0);
    });

    it("another cutover judged it; it failed later; and all gates again make it good", async () => {
      const verification = { kind: "verification", by: "the test" } as const;
      const results = (verdict: "passed" | "failed") =>
        ["gim-t100", "gim-monitoring", "gsp", "gca-t100", "gca-monitoring"].map((service) => ({
          service,
          verdict,
          summary: `${service} ${verdict}`,
        }));
      await record(dev, { ...verification, verdict: "passed", results: results("passed"), toolVersion: "0.0.1" });
      await notPromoted(dev, staging, /CUT-6203.*judged by cutover 0\.0\.1/);
      await record(dev, { ...verification, verdict: "failed", results: results("failed") });
      await notPromoted(dev, staging, /CUT-6205.*failed after it had verified r2026-08/);
      const verified = await cutover(dev, "verify", dev.stack);
      assert.equal(verified.exitCode, 0, verified.text);
      const before = [await pages(staging), await stackFile(staging)];
      const possible = await promote(dev, staging, "--dry-run");
      assert.equal(possible.exitCode, 0, possible.text);
      assert.match(possible.text, /may be promoted/);
      assert.deepEqual([await pages(staging), await stackFile(staging)], before, "a dry run left a trace");
    });

    it("and nobody goes past a stack", async () => {
      const run = await promote(dev, prod);
      assert.equal(run.exitCode, 2, run.text);
      assert.match(run.text, /CUT-6220[^]*cutover promote infomart-staging infomart-prod/);
    });
  });

  describe("staging", () => {
    it("refuses what was not promoted, by `cutover upgrade` and by plain `pulumi up`", async () => {
      await edit(staging, { release: releaseSet });
      await notRun(upgrade(staging), staging, 15, /CUT-3159[^]*was not promoted from infomart-dev/);
      await notRun(up(staging), staging, pulumiFailed, /CUT-3159/);
      await edit(staging, { release: "r2026-05" });
    });

    it("takes over proof and release set, once, and runs it", async () => {
      const first = await promote(dev, staging);
      assert.equal(first.exitCode, 0, first.text);
      assert.match(await stackFile(staging), /cutover:release: r2026-08/);
      const [proof] = (await entries(staging, "promotion")).map((entry) => entry.proof);
      assert.deepEqual([proof?.stack, proof?.releaseSet, proof?.run], [dev.stack, releaseSet, 1]);
      assert.equal((await promote(dev, staging)).exitCode, 0);
      assert.equal((await entries(staging, "promotion")).length, 1, "the same proof was recorded twice");
      const run = await upgrade(staging);
      assert.equal(run.exitCode, 0, run.text);
      const stands = [...summarize(await pages(staging)).verified.values()].map((one) => one.releaseSet);
      assert.deepEqual(new Set(stands), new Set([releaseSet]));
    });
  });

  describe("prod", () => {
    const everyDay = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    const windowFrom = (offsetMinutes: number, length: string) => {
      const start = new Date(Date.now() + offsetMinutes * minuteMilliseconds).toISOString().slice(11, 16);
      return { zone: "UTC", allow: [{ days: everyDay, start, length }] };
    };

    before(async () => {
      const run = await promote(staging, prod);
      assert.equal(run.exitCode, 0, run.text);
    });

    it("refuses a folder that was edited after the promotion", async () => {
      await editFile(prod, setFile, (text) => `${text}# one byte more\n`);
      await notRun(upgrade(prod), prod, 15, /CUT-3159[^]*the folder of r2026-08 is .*, promoted was/);
      await editFile(prod, setFile, (text) => text.replace("# one byte more\n", ""));
    });

    it("a closed window, and one that closes before the worst case ends", async () => {
      await edit(prod, { window: windowFrom(360, "1h") });
      await notRun(upgrade(prod), prod, 13, /CUT-3156[^]*the maintenance window is closed[^]*next window: /);
      await edit(prod, { window: windowFrom(-5, "30m") });
      await notRun(upgrade(prod), prod, 13, /CUT-3156[^]*the worst case does not fit/);
      await edit(prod, { window: windowFrom(-5, "20h") });
    });

    it("a window that nobody announced, or too late", async () => {
      await edit(prod, { announce: "2s" });
      await notRun(upgrade(prod), prod, 15, /CUT-3158[^]*announced 2s before its start/);
      const at = (offset: number) => new Date(Date.now() + offset).toISOString();
      const announce = (start: string) => cutover(prod, "announce", prod.stack, "--window", `${start}/4h`);
      const late = await announce(at(0));
      assert.equal(late.exitCode, 0, late.text);
      assert.match(late.text, /wants 2s of notice/);
      await notRun(upgrade(prod), prod, 15, /CUT-3158[^]*too late: /);
      const inTime = await announce(at(5_000));
      assert.equal(inTime.exitCode, 0, inTime.text);
      await sleep(5_500);
    });

    it("nobody has approved, the wrong one, or only who runs it; then it runs", async () => {
      const { ledgerNamespace } = dev.settings["cluster"] as { ledgerNamespace: string };
      const anna = await addSecondPerson(prod.sandbox, "anna", ledgerNamespace);
      const byAnna = {
        ...prod,
        workspace: { ...prod.workspace, environment: { ...prod.workspace.environment, KUBECONFIG: anna.kubeconfig } },
      };
      const approve = (who: Scenario, role = "uat") => cutover(who, "approve", prod.stack, releaseSet, "--role", role);
      await edit(prod, { approvals: [{ role: "uat", users: [runner] }] });
      await notRun(upgrade(prod), prod, 18, /CUT-3157[^]*0 of 1 approvals of uat/);
      const outsider = await approve(byAnna);
      assert.equal(outsider.exitCode, 18, outsider.text);
      assert.match(outsider.text, /CUT-6211.*serviceaccount:people:anna is not in the role uat/);
      const noRole = await approve(byAnna, "operations");
      assert.equal(noRole.exitCode, 18, noRole.text);
      assert.match(noRole.text, /CUT-6210/);
      assert.equal((await approve(prod)).exitCode, 0);
      await notRun(upgrade(prod), prod, 18, /CUT-3157[^]*kwok-admin runs the upgrade and cannot approve it too/);

      await edit(prod, { approvals: [{ role: "uat", users: [runner, anna.username] }] });
      const approved = await approve(byAnna);
      assert.equal(approved.exitCode, 0, approved.text);
      const run = await upgrade(prod);
      assert.equal(run.exitCode, 0, run.text);
      const stands = [...summarize(await pages(prod)).verified.values()].map((one) => one.releaseSet);
      assert.deepEqual(
        stands,
        Array.from({ length: 5 }, () => releaseSet),
      );
      const [proof] = (await entries(prod, "promotion")).map((entry) => entry.proof);
      assert.equal(proof?.stack, staging.stack);
    });
  });
});
