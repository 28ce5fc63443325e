import assert from "node:assert/strict";
import { createHelm } from "../../clients/helm.ts";
import type { Scenario } from "./support/scenario.ts";
import { namespaceOf } from "./support/cluster-view.ts";
import { makeReleasePending } from "./support/disturbances.ts";
import { installedScenario, recover, startUp, up } from "./support/runs.ts";
import { edit, pages } from "./support/world.ts";

describe("recover", function () {
  this.timeout(240_000);
  let scenario: Scenario;

  before(async () => {
    scenario = await installedScenario({ release: "r2026-08" });
  });

  it("has nothing to do on a stack at rest, and says so", async () => {
    const recovered = await recover(scenario);
    assert.equal(recovered.exitCode, 0, recovered.text);
    assert.match(recovered.text, /nothing/i);
  });

  it("refuses while the owner of the lock lives, and names it", async () => {
    await edit(scenario, { release: "r2026-11" });
    await scenario.sandbox.simulators.setFaults([
      { application: "gim", namespace: namespaceOf(scenario.prefix, "gim"), fault: "slowFirstJob", milliseconds: 6000 },
    ]);
    const running = startUp(scenario);
    await running.reached("gim-t100-migrate");
    const recovered = await recover(scenario);
    assert.equal(recovered.exitCode, 14, recovered.text);
    assert.match(recovered.text, /pid/);
    await scenario.sandbox.simulators.clearFaults();
    const run = await running.finished;
    assert.equal(run.exitCode, 0, run.text);
  });

  it("unlocks a release that is stale in pending-upgrade, with proof, and records it", async () => {
    // As a plugin leaves it that was killed in the upgrade of GSP: the run is open, the new revision pending.
    const namespace = namespaceOf(scenario.prefix, "gsp");
    await edit(scenario, { release: "r2027-02" });
    await scenario.sandbox.simulators.setFaults([
      { application: "gsp", namespace, imageTag: "100.0.101.1200", fault: "imagePullError" },
    ]);
    const failed = await up(scenario);
    assert.notEqual(failed.exitCode, 0);
    await scenario.sandbox.simulators.clearFaults();
    await makeReleasePending(scenario, namespace, "gsp");
    const refused = await up(scenario);
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.text, /pending-upgrade/);
    assert.match(refused.text, /recover/);
    const recovered = await recover(scenario);
    assert.equal(recovered.exitCode, 0, recovered.text);
    const [newest] = await createHelm(scenario.kubernetes).history(namespace, "gsp");
    assert.equal(newest?.status, "failed");
    assert.ok((await pages(scenario)).some((page) => page.entries.some((entry) => entry.kind === "recovery")));
    const run = await up(scenario);
    assert.equal(run.exitCode, 0, run.text);
  });
});
