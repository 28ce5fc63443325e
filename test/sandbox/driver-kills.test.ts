import assert from "node:assert/strict";
import { readRunLock } from "../../steps/work/run-lock.ts";
import { orphanOf } from "../../automation/run/lock.ts";
import { ledgerProblems } from "./support/disturbances.ts";
import { cutover, startDriver, type RunningDriver } from "./support/driver.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { installedScenario } from "./support/runs.ts";
import { openScenario, type Scenario } from "./support/scenario.ts";
import { pages, receipts, sql } from "./support/world.ts";

/** Resolves when the driver says that a step has begun; rejects when it ends before. */
function reached(driver: RunningDriver, step: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    driver.child.stderr?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(`▶ ${step}`)) resolve();
    });
    void driver.finished.then(({ text: all }) => reject(new Error(`it ended before ${step}:\n${all}`)));
  });
}

const lockOf = (scenario: Scenario) =>
  readRunLock(scenario.kubernetes, {
    namespace: `${scenario.prefix}cutover`,
    stack: scenario.stack,
  });

describe("a driver that is killed", function () {
  this.timeout(300_000);

  const cases = [
    { step: "gim-t100 backup", with: "its pulumi lives on" },
    { step: "gsp verify", with: "its pulumi lives on" },
    { step: "gim-t100 release", with: "its pulumi is killed too" },
    { step: "gim-t100 migrate", with: "its pulumi is killed too" },
  ] as const;
  for (const { step, with: how } of cases) {
    it(`in ${step} (${how}): one command finishes, with one backup and one migration`, async () => {
      const scenario = await installedScenario({ release: "r2026-08" });
      const count = (await receipts(scenario)).length;
      const driver = startDriver(scenario, "upgrade", scenario.stack, "--release", "r2026-11");
      await reached(driver, step);
      const lock = await lockOf(scenario);
      assert.equal(lock.state, "alive");
      const pulumi = lock.state === "alive" ? orphanOf(lock.holder) : null;
      assert.notEqual(pulumi, null, "the lock does not name the pulumi that runs");
      driver.child.kill("SIGKILL");
      if (how === "its pulumi is killed too" && pulumi !== null) process.kill(-pulumi, "SIGKILL");
      await driver.finished;

      const again = await cutover(scenario, "upgrade", scenario.stack);
      assert.equal(again.exitCode, 0, again.text);
      assert.match(again.text, /took the lock over from a dead driver/);
      const fresh = (await receipts(scenario)).slice(count);
      const taken = fresh.filter((receipt) => receipt.step === "backup" && receipt.reused !== true);
      assert.equal(new Set(taken.map((receipt) => receipt.facts["backupId"])).size, 1, "more than one backup");
      const [row] = await sql<{ most: number }>(
        scenario,
        "select max(count)::int as most from (select count(*) from ctl_schema_info group by version) as versions",
      );
      assert.equal(row?.most, 1, "a schema was migrated twice");
      assert.deepEqual(await ledgerProblems(scenario), []);
      assert.equal((await lockOf(scenario)).state, "free");
    });
  }

  for (const how of ["its pulumi lives on", "its pulumi is killed too"] as const) {
    it(`in a rollback (${how}): the same command goes on, in reverse order, and holds`, async () => {
      const scenario = await installedScenario({ release: "r2026-08" });
      const there = await cutover(scenario, "upgrade", scenario.stack, "--release", "r2026-11");
      assert.equal(there.exitCode, 0, there.text);
      const count = (await receipts(scenario)).length;
      const driver = startDriver(scenario, "rollback", scenario.stack, "--scope", "run");
      await reached(driver, "gsp verify");
      const lock = await lockOf(scenario);
      const pulumi = lock.state === "alive" ? orphanOf(lock.holder) : null;
      driver.child.kill("SIGKILL");
      if (how === "its pulumi is killed too" && pulumi !== null) process.kill(-pulumi, "SIGKILL");
      await driver.finished;

      const again = await cutover(scenario, "rollback", scenario.stack);
      assert.equal(again.exitCode, 0, again.text);
      const back = (await receipts(scenario))
        .slice(count)
        .filter(({ step, verdict }) => step === "verify" && verdict === "passed")
        .map(({ service }) => service);
      assert.deepEqual([...new Set(back)], ["gca-monitoring", "gca-t100", "gsp", "gim-monitoring", "gim-t100"]);
      const { hold, operation, verified } = summarize(await pages(scenario));
      assert.deepEqual(new Set([...verified.values()].map(({ releaseSet }) => releaseSet)), new Set(["r2026-08"]));
      assert.notEqual(hold, null);
      assert.equal(operation, null);
      assert.deepEqual(await ledgerProblems(scenario), []);
    });
  }

  it("in an installation: the same command installs the rest, each once, in install order", async () => {
    const scenario = await openScenario({ release: "r2026-08" });
    const driver = startDriver(scenario, "install", scenario.stack);
    await reached(driver, "gca-t100 verify");
    driver.child.kill("SIGKILL");
    await driver.finished;
    const again = await cutover(scenario, "install", scenario.stack);
    assert.equal(again.exitCode, 0, again.text);
    const verified = (await receipts(scenario))
      .filter(({ step, verdict }) => step === "verify" && verdict === "passed")
      .map(({ service }) => service);
    assert.deepEqual(verified, ["gsp", "gca-t100", "gca-monitoring", "gim-t100", "gim-monitoring"]);
    assert.equal(summarize(await pages(scenario)).operation, null);
  });

  it("two at once: one runs, the other exits 14 and names the owner; plain `pulumi up` is refused too", async () => {
    const scenario = await installedScenario({ release: "r2026-08" });
    const first = startDriver(scenario, "upgrade", scenario.stack, "--release", "r2026-11");
    await reached(first, "platform preflight");
    const second = await cutover(scenario, "upgrade", scenario.stack, "--json");
    assert.equal(second.exitCode, 14, second.text);
    assert.match(second.text, new RegExp(`CUT-6120.*pid ${first.child.pid ?? 0}`));
    const done = await first.finished;
    assert.equal(done.exitCode, 0, done.text);
  });

  it("Ctrl-C once stops after the step that runs; the same command goes on", async () => {
    const scenario = await installedScenario({ release: "r2026-08" });
    const driver = startDriver(scenario, "upgrade", scenario.stack, "--release", "r2026-11");
    await reached(driver, "gim-t100 backup");
    driver.child.kill("SIGINT");
    const stopped = await driver.finished;
    assert.equal(stopped.exitCode, 19, stopped.text);
    const all = await receipts(scenario);
    assert.deepEqual([all.at(-1)?.step, all.at(-1)?.verdict], ["backup", "passed"]);
    const again = await cutover(scenario, "upgrade", scenario.stack);
    assert.equal(again.exitCode, 0, again.text);
  });
});
