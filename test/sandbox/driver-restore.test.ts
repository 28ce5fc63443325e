import assert from "node:assert/strict";
import { summarize } from "../../model/ledger-summary.ts";
import { cutover } from "./support/driver.ts";
import { installedScenario } from "./support/runs.ts";
import type { Scenario } from "./support/scenario.ts";
import { databaseSecret, editFile, pages, revisions, schemaVersion, sql } from "./support/world.ts";

/** A release set after which going back needs the backup; in the workspace's own copy. */
async function demandRestore(scenario: Scenario): Promise<void> {
  await editFile(scenario, "stacks/infomart/releases/r2026-11/release.yaml", (text) =>
    text.replace("schemaClass: any", "schemaClass: restore"),
  );
}

describe("rollback of a service whose schema class demands a restore", function () {
  this.timeout(300_000);
  let scenario: Scenario;
  let backupId = "";

  before(async () => {
    scenario = await installedScenario({ release: "r2026-08" });
    await demandRestore(scenario);
    const { db_username: user } = await databaseSecret(scenario, "t100");
    await sql(scenario, `alter role "${user}" createdb`);
    const run = await cutover(scenario, "upgrade", scenario.stack, "--release", "r2026-11");
    assert.equal(run.exitCode, 0, run.text);
    await sql(scenario, "create table written_since (note text)");
    await sql(scenario, "insert into written_since values ('after the upgrade')");
  });

  it("pauses, and prints the command and the interval of data that would be lost", async () => {
    const before = await revisions(scenario);
    const asked = await cutover(scenario, "rollback", scenario.stack);
    assert.equal(asked.exitCode, 19, asked.text);
    assert.match(asked.text, /CUT-6402/);
    assert.match(asked.text, /gim-t100 wrote from \S+ to now \(\d+/);
    backupId = /--restore (\S+) --yes/.exec(asked.text)?.[1] ?? "";
    assert.match(backupId, /gim-t100\/\d+$/);
    assert.deepEqual(await revisions(scenario), before, "something was touched");
    assert.equal(await schemaVersion(scenario), "8.5.115");
  });

  it("with --restore the database of before the upgrade is back, and what was written since is in the kept copy", async () => {
    const back = await cutover(scenario, "rollback", scenario.stack, "--restore", backupId, "--yes");
    assert.equal(back.exitCode, 0, back.text);
    assert.equal(await schemaVersion(scenario), "8.5.113");
    const [gone] = await sql<{ found: string | null }>(scenario, "select to_regclass('written_since')::text as found");
    assert.equal(gone?.found, null);
    const kept = /kept as (\S+)/.exec(back.text)?.[1] ?? "";
    const [copy] = await sql<{ count: number }>(
      scenario,
      `select count(*)::int as count from pg_database where datname = '${kept.replaceAll("'", "")}'`,
    );
    assert.equal(copy?.count, 1, `no database ${kept}`);
    const { hold, verified } = summarize(await pages(scenario));
    assert.notEqual(hold, null);
    assert.equal(verified.get("gim-t100")?.releaseSet, "r2026-08");
  });
});
