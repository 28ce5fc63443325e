import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createHelm } from "../../clients/helm.ts";
import type { Receipt } from "../../model/step.ts";
import type { Scenario } from "./support/scenario.ts";
import { namespaceOf } from "./support/cluster-view.ts";
import { rotatePassword } from "./support/disturbances.ts";
import { installedScenario, preview, setSecret, up } from "./support/runs.ts";
import { edit, editFile, pages, receipts, revisions, schemaVersion, services } from "./support/world.ts";

const order = services;

/** `service step` of receipts, in the order of the ledger. */
const names = (receipts: readonly Receipt[]) =>
  receipts.map((receipt) => `${receipt.service ?? "platform"} ${receipt.step}`);

describe("upgrade of dev from release set A to B", function () {
  this.timeout(240_000);
  let scenario: Scenario;
  let count: number;

  before(async () => {
    scenario = await installedScenario({ release: "r2026-08" });
  });

  it("a preview shows every backup, release, migration and gate, and touches nothing", async () => {
    await edit(scenario, { release: "r2026-11" });
    const ledger = JSON.stringify(await pages(scenario));
    const untouched = await revisions(scenario);
    const shown = await preview(scenario);
    assert.equal(shown.exitCode, 0, shown.text);
    for (const resource of [
      "preflight",
      "gim-t100-backup",
      "gim-t100-migrate",
      "gim-t100-verify",
      "gsp-verify",
      "gca-t100-verify",
      "finish",
    ])
      assert.match(shown.text, new RegExp(resource), `${resource} is not in the preview`);
    assert.equal(JSON.stringify(await pages(scenario)), ledger, "the ledger changed in a preview");
    assert.deepEqual(await revisions(scenario), untouched, "a Helm release changed in a preview");
    assert.equal(await schemaVersion(scenario), "8.5.113");
  });

  it("upgrades in the order GIM, GSP, GCA, each only after the gates of the one before", async () => {
    count = (await receipts(scenario)).length;
    const run = await up(scenario);
    assert.equal(run.exitCode, 0, run.text);
    const fresh = (await receipts(scenario)).slice(count);
    assert.deepEqual(
      [...new Set(fresh.map((receipt) => receipt.service).filter((service) => service !== null))],
      order,
    );
    for (const [index, service] of order.entries()) {
      const verify = fresh.findIndex((receipt) => receipt.service === service && receipt.step === "verify");
      const next = fresh.findIndex((receipt) => receipt.service === order[index + 1]);
      assert.equal(fresh[verify]?.verdict, "passed");
      assert.ok(
        next === -1 || verify < next,
        `${order[index + 1]} started before ${service} was verified: ${names(fresh).join(", ")}`,
      );
    }
    assert.equal(fresh.at(-1)?.step, "finish");
    assert.equal(await schemaVersion(scenario), "8.5.115");
  });

  it("the API server's objects show the same order", async () => {
    const helm = createHelm(scenario.kubernetes);
    const deployed: string[] = [];
    for (const service of order) {
      const [newest] = await helm.history(namespaceOf(scenario.prefix, service), service);
      assert.equal(newest?.status, "deployed", service);
      deployed.push(newest?.lastDeployed ?? "");
    }
    assert.deepEqual(
      deployed,
      [...deployed].sort((a, b) => Date.parse(a) - Date.parse(b)),
    );
  });

  it("leaves one readable backup, taken before the migration", async () => {
    const backups = (await receipts(scenario)).slice(count).filter((receipt) => receipt.step === "backup");
    assert.equal(backups.length, 1);
    const folder = join(scenario.workspace.directory, ".cutover", "backups");
    assert.ok(readdirSync(folder, { recursive: true }).some((file) => String(file).endsWith("manifest.json")));
  });

  it("a second `pulumi up` runs nothing", async () => {
    const ledger = JSON.stringify(await pages(scenario));
    const run = await up(scenario);
    assert.equal(run.exitCode, 0, run.text);
    assert.match(run.text, /\d+ unchanged/);
    assert.doesNotMatch(run.text, /created|updated|replaced/);
    assert.equal(JSON.stringify(await pages(scenario)), ledger);
  });

  it("a rotated password in the Secret re-runs nothing", async () => {
    await rotatePassword(scenario, "t100");
    const run = await up(scenario);
    assert.equal(run.exitCode, 0, run.text);
    assert.doesNotMatch(run.text, /created|updated|replaced/);
  });

  it("a rotated password in the stack's configuration updates commands without running them", async () => {
    const password = await rotatePassword(scenario, "t100");
    const first = await setSecret(scenario, "cutover:databasePassword", password);
    assert.equal(first.exitCode, 0, first.text);
    const count = (await receipts(scenario)).length;
    const run = await up(scenario);
    assert.equal(run.exitCode, 0, run.text);
    assert.equal((await receipts(scenario)).length, count, "a step ran");
    const state = await scenario.workspace.pulumi(["stack", "export", "--stack", scenario.stack]);
    assert.ok(!(state.stdout + run.text).includes(password), "the password is in the state or the output");
  });

  it("only a changed service and its steps run", async () => {
    const count = (await receipts(scenario)).length;
    await editFile(scenario, "stacks/infomart/values/dev/gca.yaml", (text) => text.replace("cpu: 50m", "cpu: 60m"));
    const run = await up(scenario);
    assert.equal(run.exitCode, 0, run.text);
    const services = (await receipts(scenario)).slice(count).map((receipt) => receipt.service);
    assert.deepEqual([...new Set(services)], [null, "gca-t100"]);
  });
});
