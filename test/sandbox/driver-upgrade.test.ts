import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { summarize } from "../../model/ledger-summary.ts";
import type { Scenario } from "./support/scenario.ts";
import { namespaceOf } from "./support/cluster-view.ts";
import { cutover } from "./support/driver.ts";
import { installedScenario, up } from "./support/runs.ts";
import { pages, receipts, revisions, schemaVersion, sql } from "./support/world.ts";

/** Settings of the stack file as it is now. */
async function stackFile(scenario: Scenario): Promise<Record<string, unknown>> {
  const file = join(scenario.workspace.directory, "stacks", `Pulumi.${scenario.stack}.yaml`);
  return (parse(await readFile(file, "utf8")) as { config: Record<string, unknown> }).config;
}

const running = async (scenario: Scenario): Promise<Record<string, string>> =>
  Object.fromEntries(
    [...summarize(await pages(scenario)).verified.values()].map((one) => [one.service, one.releaseSet]),
  );

async function countRows(scenario: Scenario): Promise<number> {
  const [row] = await sql<{ count: number }>(scenario, "select count(*)::int as count from interaction_fact");
  return row?.count ?? 0;
}

describe("cutover upgrade and rollback", function () {
  this.timeout(300_000);
  let scenario: Scenario;

  const crash = (application: "gsp" | "gca", imageTag: string) =>
    scenario.sandbox.simulators.setFaults([
      { application, namespace: namespaceOf(scenario.prefix, application), imageTag, fault: "crashLoop" },
    ]);

  afterEach(async () => {
    await scenario.sandbox.simulators.clearFaults();
  });

  describe("without trouble", () => {
    before(async () => {
      scenario = await installedScenario({ release: "r2026-08" });
    });

    it("writes the release set into the stack file, upgrades, and a second run has nothing to do", async () => {
      const first = await cutover(scenario, "upgrade", scenario.stack, "--release", "r2026-11", "--json");
      assert.equal(first.exitCode, 0, first.text);
      assert.equal((await stackFile(scenario))["cutover:release"], "r2026-11");
      assert.equal((first.document as { ending: { kind: string } }).ending.kind, "passed");
      assert.deepEqual(new Set(Object.values(await running(scenario))), new Set(["r2026-11"]));
      const count = (await receipts(scenario)).length;
      const second = await cutover(scenario, "upgrade", scenario.stack);
      assert.equal(second.exitCode, 0, second.text);
      assert.equal((await receipts(scenario)).length, count, "a no-op left receipts");
    });

    it("takes a verified run back in reverse order, sets a hold that plain `pulumi up` respects, and never rolls a rollback back", async () => {
      const count = (await receipts(scenario)).length;
      const back = await cutover(scenario, "rollback", scenario.stack, "--reason", "reports are slow", "--json");
      assert.equal(back.exitCode, 0, back.text);
      const verified = (await receipts(scenario))
        .slice(count)
        .filter((receipt) => receipt.step === "verify" && receipt.verdict === "passed")
        .map((receipt) => receipt.service);
      assert.deepEqual(verified, ["gca-monitoring", "gca-t100", "gsp", "gim-monitoring", "gim-t100"]);
      assert.deepEqual(new Set(Object.values(await running(scenario))), new Set(["r2026-08"]));
      assert.equal((await stackFile(scenario))["cutover:release"], "r2026-08");
      assert.equal((await stackFile(scenario))["cutover:pins"], undefined);
      // Schema class `any`: the old GIM runs on the new schema.
      assert.equal(await schemaVersion(scenario), "8.5.115");
      const plain = await up(scenario);
      assert.notEqual(plain.exitCode, 0);
      assert.match(plain.text, /CUT-3100[\s\S]*reports are slow/);
      const again = await cutover(scenario, "rollback", scenario.stack);
      assert.equal(again.exitCode, 1, again.text);
      assert.match(again.text, /CUT-6401.*rollback itself/);
    });
  });

  describe("when a gate of GSP says no", () => {
    for (const scope of ["service", "run"] as const) {
      it(`scope ${scope}: ${scope === "service" ? "GSP alone goes back and GIM stays" : "GSP and GIM go back, in reverse order"}`, async () => {
        scenario = await installedScenario({
          release: "r2026-08",
          settings: { failurePolicy: "rollback", rollbackScope: scope },
        });
        const before = await revisions(scenario);
        const rows = await countRows(scenario);
        await crash("gsp", "100.0.100.3700");
        const run = await cutover(scenario, "upgrade", scenario.stack, "--release", "r2026-11", "--json");
        assert.equal(run.exitCode, 11, run.text);
        const stands = await running(scenario);
        const gim = scope === "service" ? "r2026-11" : "r2026-08";
        assert.equal(stands["gsp"], "r2026-08");
        assert.equal(stands["gim-t100"], gim);
        assert.equal(stands["gim-monitoring"], gim);
        assert.equal(stands["gca-t100"], "r2026-08");
        assert.equal((await revisions(scenario))["gca-t100"], before["gca-t100"], "GCA was touched");
        // The simulated GIM goes on writing: a rollback loses none of it, and leaves the schema as it is.
        assert.ok((await countRows(scenario)) >= rows);
        assert.equal(await schemaVersion(scenario), "8.5.115");
        const { hold, operation } = summarize(await pages(scenario));
        assert.match(hold ?? "", /gsp/);
        assert.equal(operation, null);
        const back = (run.document as { rolledBack: { done: string[] } }).rolledBack.done;
        assert.deepEqual(back, scope === "service" ? ["gsp"] : ["gsp", "gim-monitoring", "gim-t100"]);
        const plain = await up(scenario);
        assert.match(plain.text, /CUT-3100/);
      });
    }
  });
});
