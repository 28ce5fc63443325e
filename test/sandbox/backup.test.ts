import assert from "node:assert/strict";
import { globSync, truncateSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Scenario } from "./support/scenario.ts";
import { installedScenario, up } from "./support/runs.ts";
import { edit, revisions } from "./support/world.ts";

describe("a backup that cannot be read back", function () {
  this.timeout(240_000);
  let scenario: Scenario;

  before(async () => {
    scenario = await installedScenario({ release: "r2026-08" });
    await edit(scenario, { release: "r2026-11" });
  });

  it("truncated after a failed run: it is not kept, and a run that relies on it stops before the release", async () => {
    await scenario.sandbox.simulators.setFaults([
      { application: "gim", namespace: `${scenario.prefix}gim`, fault: "imagePullError" },
    ]);
    const failed = await up(scenario);
    assert.notEqual(failed.exitCode, 0);
    await scenario.sandbox.simulators.clearFaults();
    const untouched = await revisions(scenario);
    const folder = join(scenario.workspace.directory, ".cutover/backups");
    const dumps = globSync("**/*.dat.gz", { cwd: folder }).map((file) => join(folder, file));
    assert.ok(dumps.length > 0, "no dump files");
    const [largest] = dumps.sort((a, b) => statSync(b).size - statSync(a).size);
    assert.ok(largest !== undefined);
    truncateSync(largest, Math.floor(statSync(largest).size / 2));
    const run = await up(scenario);
    assert.notEqual(run.exitCode, 0, run.text);
    assert.match(run.text, /CUT-\d{4}/);
    assert.match(run.text, /backup/i);
    assert.deepEqual(await revisions(scenario), untouched, "a release went on without a good backup");
  });

  it("pg_dump that cannot write: the run stops before the release and leaves no half backup", async () => {
    const other = await installedScenario({ release: "r2026-08" });
    const untouched = await revisions(other);
    await edit(other, { release: "r2026-11", backupFolder: "/proc/cutover-backups" });
    const run = await up(other);
    assert.notEqual(run.exitCode, 0);
    assert.match(run.text, /CUT-\d{4}/);
    assert.deepEqual(await revisions(other), untouched);
  });
});
