import assert from "node:assert/strict";
import type { Scenario } from "./support/scenario.ts";
import { ledgerProblems } from "./support/disturbances.ts";
import { installedScenario, interruptIn, preview, recover, up } from "./support/runs.ts";
import { edit, receipts, schemaVersion, sql } from "./support/world.ts";

// One upgrade that is interrupted in every one of GIM's steps, one after the other, and then finishes:
// with one backup, one migration and one ledger.

const resources = [
  "preflight",
  "gim-t100-check",
  "gim-t100-inventory",
  "gim-t100-backup",
  "gim-t100",
  "gim-t100-migrate",
  "gim-t100-verify",
  "finish",
];

describe("a run that is interrupted in each step", function () {
  this.timeout(300_000);

  for (const [signal, from, to] of [
    ["SIGKILL", "r2026-08", "r2026-11"],
    ["SIGINT", "r2026-08", "r2026-11"],
  ] as const) {
    describe(`by ${signal === "SIGINT" ? "Ctrl-C (SIGINT)" : signal}`, () => {
      let scenario: Scenario;
      let receiptsBefore: number;

      before(async () => {
        scenario = await installedScenario({ release: from });
        receiptsBefore = (await receipts(scenario)).length;
        await edit(scenario, { release: to });
        // Long enough for the signal to arrive while the step is at work.
        await scenario.sandbox.simulators.setFaults([
          { application: "gim", namespace: `${scenario.prefix}gim`, fault: "slow", milliseconds: 300 },
        ]);
      });

      after(() => scenario.sandbox.simulators.clearFaults());

      for (const resource of resources) {
        it(`in ${resource}`, async () => {
          const interrupted = await interruptIn(scenario, resource, signal);
          if (interrupted === "ended before") return; // the step had nothing left to do: a kept receipt takes milliseconds
          const recovered = await recover(scenario);
          assert.equal(recovered.exitCode, 0, recovered.text);
        });
      }

      it("finishes with one backup, one migration and an intact ledger", async () => {
        const run = await up(scenario);
        assert.equal(run.exitCode, 0, run.text);
        const fresh = (await receipts(scenario)).slice(receiptsBefore);
        const taken = fresh.filter(
          (receipt) => receipt.step === "backup" && receipt.verdict === "passed" && receipt.reused !== true,
        );
        assert.equal(new Set(taken.map((receipt) => receipt.facts["backupId"])).size, 1, "not exactly one backup");
        const twice = await sql(
          scenario,
          "select 1 from ctl_migration_step group by version, chunk having count(*) > 1",
        );
        assert.deepEqual(twice, [], "a chunk of the migration was applied twice");
        assert.equal(await schemaVersion(scenario), "8.5.115");
        assert.deepEqual(await ledgerProblems(scenario), []);
        const shown = await preview(scenario);
        assert.match(shown.text, /unchanged/);
        assert.doesNotMatch(shown.text, /to (create|update|replace)|pending/);
      });
    });
  }
});
