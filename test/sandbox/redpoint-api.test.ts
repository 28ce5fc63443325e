import assert from "node:assert/strict";
import { orphanOf } from "../../automation/run/lock.ts";
import { redpointImageTags } from "../../sandbox/charts/redpoint-rpi.ts";
import { version6 } from "../../sandbox/redpoint/create-redpoint-world.ts";
import { readRunLock } from "../../steps/work/run-lock.ts";
import { until } from "./clients-world.ts";
import { ledgerProblems } from "./support/disturbances.ts";
import { cutover, startDriver } from "./support/driver.ts";
import { openRedpoint, type RedpointScenario } from "./support/redpoint-scenario.ts";
import {
  commandIn,
  contentOf,
  history,
  setFault,
  settleWithoutPeople,
  shortenPatience,
  unhold,
  upgradeCalls,
} from "./support/redpoint-states.ts";
import type { Finished } from "./support/runs.ts";

const version7 = redpointImageTags["7.6"];

// In each of these the server itself counts how often it was called.
describe("Redpoint's upgrade API, called by the whole driver", function () {
  this.timeout(300_000);
  let scenario: RedpointScenario;
  let stack = "";
  let calls = 0;

  before(async () => {
    scenario = await openRedpoint({ mode: "inPlace", settings: { retry: { attempts: 1, backoff: "1s" } } });
    stack = scenario.stack;
    await shortenPatience(scenario, { waitTimeoutSeconds: 4, timeoutSeconds: 12 });
    await settleWithoutPeople(scenario);
  });
  beforeEach(() => (calls = upgradeCalls(scenario)));
  afterEach(() => scenario.sandbox.simulators.clearFaults());
  after(() => scenario.environment.stop());

  const upgrade = () => cutover(scenario, "upgrade", stack, "--release", "v7.6");
  const made = () => upgradeCalls(scenario) - calls;
  const versionNow = async () => (await contentOf(scenario)).version;
  const callIn = ({ text }: Finished): string => /rpi-upgrade-call-\d+(-\d+)?/.exec(text)?.[0] ?? "";

  /** A rollback that has to be told which backup; then everything is as v6 had it. */
  async function takeBack(): Promise<void> {
    const asked = await cutover(scenario, "rollback", stack);
    assert.equal(asked.exitCode, 19, asked.text);
    assert.match(asked.text, /CUT-6402[^]*going back needs the backup/);
    const back = await cutover(scenario, ...commandIn(asked, "cutover rollback"));
    assert.equal(back.exitCode, 0, back.text);
    const content = await contentOf(scenario);
    assert.equal(content.version, version6);
    for (const states of Object.values(content.interactions)) assert.ok(!states.includes("Migrated"));
    await unhold(scenario);
  }

  it("500 before the work: failed, and only a person lets it be called again; then its connection is cut and it is followed", async () => {
    await setFault(scenario, "upgradeErrorBeforeWork");
    const run = await upgrade();
    assert.equal(run.exitCode, 19, run.text);
    assert.match(run.text, /failed at rpi migrate: CUT-5706[^]*500/);
    assert.match(run.text, /untouched: It was called once and is never called again by itself/);
    assert.match(run.text, new RegExp(`next: Remove the cause first[^\n]*cutover ack ${stack} rpi-upgrade-call-\\d+`));
    assert.match(run.text, new RegExp(`to go back: cutover rollback ${stack}`));
    assert.equal(await versionNow(), version6);

    await scenario.sandbox.simulators.clearFaults();
    const again = await upgrade();
    assert.equal(again.exitCode, 19, again.text);
    assert.match(again.text, /inconclusive at rpi migrate: CUT-5711/);
    assert.equal(made(), 1);

    await setFault(scenario, "upgradeConnectionCut");
    const allowed = await cutover(scenario, "ack", stack, callIn(again), "--reason", "the network is repaired");
    assert.equal(allowed.exitCode, 0, allowed.text);
    const followed = await upgrade();
    assert.equal(followed.exitCode, 0, followed.text);
    assert.equal(made(), 2);
    assert.equal(await versionNow(), version7);
    await takeBack();
  });

  it("an old LastRunComplete is nobody's success: inconclusive, also by the next command; released, it is called late and slowly", async () => {
    await setFault(scenario, "upgradeOldStatus");
    let id = "";
    for (let time = 0; time < 2; time += 1) {
      const run = await upgrade();
      id = callIn(run);
      assert.equal(run.exitCode, 19, run.text);
      assert.match(run.text, /inconclusive at rpi migrate: CUT-5709 nobody can tell whether the upgrade call/);
      assert.equal(await versionNow(), version6);
    }
    assert.equal(made(), 1);
    const last = (await history(scenario)).filter((line) => line.startsWith("call"));
    assert.equal(last.at(-1), "call sent");

    const { namespace } = scenario.environment.world;
    const late = {
      application: "rpi-deploymentapi",
      namespace,
      fault: "upgradeAnswersLate",
      milliseconds: 8000,
    } as const;
    await scenario.sandbox.simulators.setFaults([late, { ...late, fault: "upgradeSlow", milliseconds: 5000 }]);
    const shown = await cutover(scenario, "ack", stack, id, "--reason", "its log shows that it never began");
    assert.equal(shown.exitCode, 0, shown.text);
    const run = await upgrade();
    assert.equal(run.exitCode, 0, run.text);
    assert.equal(made(), 2);
    assert.equal(await versionNow(), version7);
    await takeBack();
  });

  it("LastRunFailed: failed with the API's own words, half migrated, and the way back needs the backup", async () => {
    await setFault(scenario, "upgradeFails");
    const run = await upgrade();
    assert.equal(run.exitCode, 19, run.text);
    assert.match(run.text, /CUT-5706[^]*LastRunFailed[^]*API: .*Upgrade failed: Execution Timeout Expired/);
    assert.deepEqual(
      Object.values((await contentOf(scenario)).interactions).map((states) => states[0]),
      ["Migrated", "Active"],
    );
    const again = await upgrade();
    assert.match(again.text, /CUT-5711/);
    assert.equal(made(), 1);
    await takeBack();
  });

  it("the connection is cut and the work stops: it has not ended, and is only followed on", async () => {
    await setFault(scenario, "upgradeConnectionCutAndStopped");
    const run = await upgrade();
    assert.equal(run.exitCode, 19, run.text);
    assert.match(run.text, /errored at rpi migrate: CUT-5708 .* has not ended within 12 s and may go on/);
    assert.match(run.text, new RegExp(`next: cutover upgrade ${stack} follows it on, without calling again`));
    await scenario.sandbox.simulators.clearFaults();
    const again = await upgrade();
    assert.equal(again.exitCode, 19, again.text);
    assert.match(again.text, /CUT-5708/);
    assert.match(again.text, /following its status/);
    assert.equal(made(), 1);
    await takeBack();
  });

  it("driver and pulumi are killed while it works: the next command follows it to its end, one call in all", async () => {
    await setFault(scenario, "upgradeSlow", 6000);
    const driver = startDriver(scenario, "upgrade", stack, "--release", "v7.6");
    await until(async () => (made() > 0 ? true : null));
    const lock = await readRunLock(scenario.kubernetes, { namespace: `${scenario.prefix}cutover`, stack });
    const pulumi = lock.state === "alive" ? orphanOf(lock.holder) : null;
    assert.notEqual(pulumi, null, "the lock does not name the pulumi that runs");
    driver.child.kill("SIGKILL");
    if (pulumi !== null) process.kill(-pulumi, "SIGKILL");
    await driver.finished;
    assert.equal(await versionNow(), version6, "the kill came too late to show anything");

    const again = await cutover(scenario, "upgrade", stack);
    assert.equal(again.exitCode, 0, again.text);
    assert.match(again.text, /took the lock over from a dead driver/);
    assert.equal(made(), 1);
    assert.equal(await versionNow(), version7);
    assert.deepEqual(await ledgerProblems(scenario), []);
  });
});
