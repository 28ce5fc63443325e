import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Entry } from "../../model/ledger.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { addSecondPerson } from "../../sandbox/cluster/second-person.ts";
import { redpointImageTags } from "../../sandbox/charts/redpoint-rpi.ts";
import { version6 } from "../../sandbox/redpoint/create-redpoint-world.ts";
import { openReleaseSets } from "../../stacks/release-sets.ts";
import { cutover } from "./support/driver.ts";
import { openRedpointAbove } from "./support/redpoint-above.ts";
import { revisionsIn, stepsOf } from "./support/redpoint-receipts.ts";
import { openRedpoint, type RedpointScenario } from "./support/redpoint-scenario.ts";
import { attestChannels, contentOf, databaseNames, releaseInFile, upgradeCalls } from "./support/redpoint-states.ts";
import { up, type Finished } from "./support/runs.ts";
import { edit, editFile, pages } from "./support/world.ts";

// Redpoint's v7.6 from dev, on clones, over staging to prod, in place. Told in order.

const release = "v7.6";
const setFile = `stacks/redpoint/releases/${release}/release.yaml`;
const paused = 19;
/** Exit code of plain `pulumi up` when a resource fails. */
const pulumiFailed = 1;
const minuteMilliseconds = 60_000;
const steps = [
  ...["rpi check", "rpi migrate", "rpi configure", "rpi verify"],
  ...["rpi-realtime-acme check", "rpi-realtime-acme verify", "platform finish"],
].map((step) => `${step} passed`);
const inPlace = ["preflight passed", "quiesce passed", "backup passed", "clone skipped"].map(
  (one) => `platform ${one}`,
);

describe("Redpoint from dev over staging to prod", function () {
  this.timeout(300_000);
  let dev: RedpointScenario;
  let staging: RedpointScenario;
  let prod: RedpointScenario;
  let hash: string;

  before(async () => {
    dev = await openRedpoint();
    staging = await openRedpointAbove(dev, "staging");
    prod = await openRedpointAbove(dev, "prod", { window: null, announce: null, approvals: null });
    hash = openReleaseSets(dev.workspace.directory, "redpoint").hash(release);
  });
  after(() => Promise.all([dev, staging, prod].map(({ environment }) => environment.stop())));

  const promote = (from: RedpointScenario, to: RedpointScenario) => cutover(from, "promote", from.stack, to.stack);
  const upgrade = (scenario: RedpointScenario, ...more: string[]): Promise<Finished> =>
    cutover(scenario, "upgrade", scenario.stack, ...more);
  const proofs = async (scenario: RedpointScenario) =>
    (await pages(scenario)).flatMap((page) =>
      page.entries.flatMap((entry: Entry) => (entry.kind === "promotion" ? [entry.proof] : [])),
    );

  /** Refused with this exit code and these words: v6 runs, its databases are v6's, nothing was saved, nothing is in the cluster. */
  async function notRun(
    run: Promise<Finished>,
    scenario: RedpointScenario,
    exitCode: number,
    word: RegExp,
  ): Promise<void> {
    const { exitCode: found, text } = await run;
    assert.match(text, word);
    assert.equal(found, exitCode, text);
    await untouched(scenario);
  }
  async function untouched(scenario: RedpointScenario): Promise<void> {
    const { nodes } = scenario.environment;
    assert.ok(nodes.every((node) => node.running()));
    assert.deepEqual(
      nodes.flatMap((node) => node.calls()).filter((call) => call !== "running"),
      [],
    );
    assert.equal((await contentOf(scenario)).version, version6);
    assert.equal(upgradeCalls(scenario), 0);
    assert.deepEqual(await revisionsIn(scenario), { rpi: 0, "rpi-realtime-acme": 0 });
  }

  /** The whole upgrade with its pause; returns the steps of the try that passed. */
  async function upgraded(scenario: RedpointScenario, ...more: string[]): Promise<string[]> {
    const first = await upgrade(scenario, ...more);
    assert.equal(first.exitCode, paused, first.text);
    await attestChannels(scenario);
    const second = await upgrade(scenario);
    assert.equal(second.exitCode, 0, second.text);
    assert.equal(upgradeCalls(scenario), 1);
    assert.equal((await contentOf(scenario)).version, redpointImageTags["7.6"]);
    const { verified } = summarize(await pages(scenario));
    assert.deepEqual(
      [...verified.values()].map((one) => one.releaseSet),
      [release, release],
    );
    const last = (await pages(scenario)).flatMap((page) =>
      page.entries.flatMap((entry) => (entry.kind === "receipt" ? [entry.receipt.attempt] : [])),
    );
    return stepsOf(scenario, last.at(-1) ?? "");
  }

  describe("what keeps v7.6 in dev", () => {
    it("staging refuses what dev has not verified, by every way in", async () => {
      const refused = await promote(dev, staging);
      assert.equal(refused.exitCode, 15, refused.text);
      assert.match(refused.text, /CUT-6221.*has not verified any release set/);
      assert.equal(releaseInFile(staging), "v6");
      await edit(staging, { release });
      await notRun(upgrade(staging), staging, 15, /CUT-3159[^]*was not promoted from redpoint-dev/);
      await notRun(up(staging), staging, pulumiFailed, /CUT-3159/);
      await edit(staging, { release: "v6" });
    });

    it("an upgrade that waits for a person is no proof", async () => {
      const run = await upgrade(dev, "--release", release);
      assert.equal(run.exitCode, paused, run.text);
      const refused = await promote(dev, staging);
      assert.equal(refused.exitCode, 15, refused.text);
      assert.deepEqual(await proofs(staging), []);
    });

    it("nobody goes past a stack", async () => {
      await attestChannels(dev);
      const verified = await upgrade(dev);
      assert.equal(verified.exitCode, 0, verified.text);
      const past = await promote(dev, prod);
      assert.equal(past.exitCode, 2, past.text);
      assert.match(past.text, /CUT-6220[^]*cutover promote redpoint-staging redpoint-prod/);
      assert.deepEqual(await pages(prod), []);
      await untouched(prod);
    });

    it("its folder is not the one that dev has verified", async () => {
      await editFile(dev, setFile, (text) => `${text}# one byte more\n`);
      const refused = await promote(dev, staging);
      assert.equal(refused.exitCode, 15, refused.text);
      assert.match(refused.text, /CUT-6201/);
      await editFile(dev, setFile, (text) => text.replace("# one byte more\n", ""));
    });
  });

  describe("staging", () => {
    it("takes over the same folder, by its hash, and dev's proof", async () => {
      const run = await promote(dev, staging);
      assert.equal(run.exitCode, 0, run.text);
      assert.equal(releaseInFile(staging), release);
      const [proof, another] = await proofs(staging);
      assert.deepEqual([proof?.stack, proof?.releaseSet, proof?.hash, proof?.run], [dev.stack, release, hash, 1]);
      assert.equal(another, undefined);
      await untouched(staging);
    });

    it("upgrades its own v6 in place, by dev's steps: stopped, saved, then migrated", async () => {
      assert.deepEqual(await upgraded(staging), [...inPlace, ...steps]);
      const { nodes } = staging.environment;
      assert.ok(nodes.every((node) => !node.running()));
      assert.deepEqual(
        (await databaseNames(staging)).filter((name) => /_replaced_|_restore_/.test(name)),
        [],
      );
      const ofDev = (await stepsOf(dev, "1.2")).filter((step) => !step.startsWith("platform "));
      assert.deepEqual(ofDev, steps.slice(0, -1));
    });
  });

  describe("prod", () => {
    const everyDay = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    const windowFrom = (offsetMinutes: number, length: string) => {
      const start = new Date(Date.now() + offsetMinutes * minuteMilliseconds).toISOString().slice(11, 16);
      return { zone: "UTC", allow: [{ days: everyDay, start, length }] };
    };
    const group = "system:serviceaccounts:people";

    it("refuses outside its window, and a window that is too short for the way back", async () => {
      const promoted = await promote(staging, prod);
      assert.equal(promoted.exitCode, 0, promoted.text);
      assert.deepEqual(
        (await proofs(prod)).map((proof) => [proof.stack, proof.hash]),
        [[staging.stack, hash]],
      );
      await edit(prod, { window: windowFrom(360, "1h") });
      await notRun(upgrade(prod), prod, 13, /CUT-3156[^]*the maintenance window is closed/);
      await edit(prod, { window: windowFrom(-5, "20m") });
      await notRun(upgrade(prod), prod, 13, /CUT-3156[^]*the worst case does not fit/);
      await edit(prod, { window: windowFrom(-5, "20h") });
    });

    it("refuses while nobody has announced it, and while nobody of the UAT group has approved", async () => {
      await edit(prod, { announce: "2s", approvals: [{ role: "uat", count: 1, groups: [group] }] });
      await notRun(upgrade(prod), prod, 18, /CUT-3157[^]*0 of 1 approvals of uat[^]*CUT-3158/);
      const begins = Date.now() + 4000;
      const window = `${new Date(begins).toISOString()}/4h`;
      const announced = await cutover(prod, "announce", prod.stack, "--window", window, "--text", "RPI v7.6");
      assert.equal(announced.exitCode, 0, announced.text);
      const byRunner = await cutover(prod, "approve", prod.stack, release, "--role", "uat");
      assert.equal(byRunner.exitCode, 18, byRunner.text);
      assert.match(byRunner.text, /CUT-6211.*kwok-admin is not in the role uat/);
      await sleep(Math.max(0, begins - Date.now()));
      await notRun(upgrade(prod), prod, 18, /1 failed \(approvals\)/);
    });

    it("runs by staging's steps once somebody of the group has approved", async () => {
      const { ledgerNamespace } = dev.settings["cluster"] as { ledgerNamespace: string };
      const anna = await addSecondPerson(prod.sandbox, "anna", ledgerNamespace);
      const environment = { ...prod.workspace.environment, KUBECONFIG: anna.kubeconfig };
      const byAnna = { ...prod, workspace: { ...prod.workspace, environment } };
      const approved = await cutover(byAnna, "approve", prod.stack, release, "--role", "uat");
      assert.equal(approved.exitCode, 0, approved.text);
      assert.deepEqual(await upgraded(prod), [...inPlace, ...steps]);
      assert.ok(prod.environment.nodes.every((node) => !node.running()));
    });
  });
});
