import assert from "node:assert/strict";
import type { Fault } from "../../sandbox/contracts.ts";
import type { Receipt } from "../../model/step.ts";
import type { Scenario } from "./support/scenario.ts";
import { namespaceOf, podsOf } from "./support/cluster-view.ts";
import { installedScenario, up } from "./support/runs.ts";
import { edit, receipts, revisions, sql } from "./support/world.ts";

// A gate waits for a series to appear; these wait only as long as a test can.
const impatientGates = Object.fromEntries(
  ["gim-lag", "gim-failed-job-steps", "gim-failed-kafka-jobs", "gim-schema-version"].map((gate) => [
    gate,
    { timeoutSeconds: 4, ...(gate === "gim-lag" ? { windowSeconds: 2, minimumSamples: 2 } : {}) },
  ]),
);

const stepsOf = (receipts: readonly Receipt[], step: string, service = "gim-t100") =>
  receipts.filter((receipt) => receipt.step === step && receipt.service === service);

describe("when something fails in the upgrade", function () {
  this.timeout(300_000);
  let scenario: Scenario;

  const faults = (application: Fault["application"], fault: Fault["fault"], milliseconds?: number) =>
    scenario.sandbox.simulators.setFaults([
      {
        application,
        namespace: namespaceOf(scenario.prefix, application),
        // Only the new version: the running one stays healthy, or preflight would refuse before anything happens.
        imageTag: "100.0.115.3900",
        fault,
        ...(milliseconds === undefined ? {} : { milliseconds }),
      },
    ]);
  const untouched = async (services: string[], before: Record<string, number>) => {
    const now = await revisions(scenario);
    for (const service of services) assert.equal(now[service], before[service], `${service} was touched`);
  };

  afterEach(async () => {
    await scenario.sandbox.simulators.clearFaults();
  });

  describe("a gate says no", () => {
    before(async () => {
      scenario = await installedScenario({ release: "r2026-08" });
      await edit(scenario, { release: "r2026-11" });
    });

    it("growing lag stops behind GIM, with the numbers", async () => {
      const earlier = await revisions(scenario);
      await faults("gim", "growingLag");
      const run = await up(scenario);
      assert.notEqual(run.exitCode, 0);
      assert.match(run.text, /gim-lag/);
      assert.match(run.text, /topic/);
      assert.match(run.text, /\d+ ?ms|grew|growing/);
      await untouched(["gsp", "gca-t100"], earlier);
    });

    it("`up` again judges preflight and gates anew and keeps the good backup", async () => {
      const before = await receipts(scenario);
      const run = await up(scenario);
      assert.equal(run.exitCode, 0, run.text);
      const later = (await receipts(scenario)).slice(before.length);
      assert.equal(later.filter((receipt) => receipt.step === "preflight").length, 1);
      const [first] = stepsOf(before, "backup").slice(-1);
      const [again] = stepsOf(later, "backup");
      assert.equal(again?.reused, true);
      assert.equal(again?.facts["backupId"], first?.facts["backupId"]);
      assert.equal(stepsOf(later, "verify")[0]?.verdict, "passed");
    });
  });

  describe("metrics are absent", () => {
    it("the gate fails instead of passing on nothing", async () => {
      scenario = await installedScenario({ release: "r2026-08", settings: { gateSettings: impatientGates } });
      await edit(scenario, { release: "r2026-11" });
      await faults("gim", "metricsAbsent");
      const run = await up(scenario);
      assert.notEqual(run.exitCode, 0);
      assert.match(run.text, /no series|absent/i);
    });
  });

  describe("the migration", () => {
    beforeEach(async () => {
      scenario = await installedScenario({ release: "r2026-08" });
      await edit(scenario, { release: "r2026-11" });
    });

    it("fails once: the GIM pod is restarted, it resumes, no chunk is applied twice", async () => {
      await faults("gim", "migrationErrorOnce");
      const run = await up(scenario);
      assert.equal(run.exitCode, 0, run.text);
      const [migrate] = stepsOf(await receipts(scenario), "migrate").slice(-1);
      assert.equal(migrate?.facts["restarts"], 1);
      const twice = await sql(
        scenario,
        "select version, chunk from ctl_migration_step group by 1, 2 having count(*) > 1",
      );
      assert.deepEqual(twice, []);
      const appliedBy = await sql(scenario, "select distinct pod from ctl_migration_step where version = '8.5.115'");
      assert.equal(appliedBy.length, 2, "the restarted pod did not continue the first one's work");
    });

    it("fails always: says so at once and leaves GSP and GCA alone", async () => {
      const earlier = await revisions(scenario);
      await faults("gim", "migrationErrorAlways");
      const run = await up(scenario);
      assert.notEqual(run.exitCode, 0);
      assert.match(run.text, /8\.5\.113/);
      assert.match(run.text, /restart/i);
      await untouched(["gsp", "gca-t100"], earlier);
    });
  });

  describe("pods that cannot heal", () => {
    beforeEach(async () => {
      scenario = await installedScenario({ release: "r2026-08" });
      await edit(scenario, { release: "r2026-11" });
    });

    for (const [fault, words] of [
      ["crashLoop", /CrashLoopBackOff/],
      ["imagePullError", /ImagePull/],
      ["unschedulable", /Unschedulable/],
    ] as const) {
      it(`${fault}: \`up\` ends with pod and reason, long before Helm's 15 minutes`, async () => {
        const earlier = await revisions(scenario);
        await faults("gim", fault);
        const run = await up(scenario);
        assert.notEqual(run.exitCode, 0);
        assert.match(run.text, words);
        const names = (await podsOf(scenario.kubernetes, namespaceOf(scenario.prefix, "gim"))).map((pod) => pod.name);
        assert.ok(
          names.some((name) => run.text.includes(name)),
          "the pod is not named",
        );
        assert.match(run.text, /next:/);
        await untouched(["gsp", "gca-t100"], earlier);
        assert.equal((await revisions(scenario))["gim-t100"], 2, "the new GIM was never tried");
      });
    }
  });

  describe("GIM is not Ready for long because of its first transformation job", () => {
    it("waits, shows what it waits for, and passes", async () => {
      scenario = await installedScenario({ release: "r2026-08" });
      await edit(scenario, { release: "r2026-11" });
      await faults("gim", "slowFirstJob", 12_000);
      const run = await up(scenario);
      assert.equal(run.exitCode, 0, run.text);
      assert.match(run.text, /waiting|not Ready/i);
    });
  });
});
