import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { summarize } from "../../model/ledger-summary.ts";
import { configMaps } from "../../clients/kubernetes-kinds.ts";
import { namespaceOf, podsOf } from "./support/cluster-view.ts";
import { makeReleasePending } from "./support/disturbances.ts";
import { cutover } from "./support/driver.ts";
import { installedScenario, up } from "./support/runs.ts";
import { openScenario, type Scenario } from "./support/scenario.ts";
import { changeDatabaseSecret, databaseSecret, edit, pages, receipts, revisions } from "./support/world.ts";

const verifiedOrder = async (scenario: Scenario, since: number) =>
  (await receipts(scenario))
    .slice(since)
    .filter((receipt) => receipt.step === "verify" && receipt.verdict === "passed")
    .map((receipt) => receipt.service);

describe("cutover install and uninstall", function () {
  this.timeout(300_000);
  let scenario: Scenario;
  const installOrder = ["gsp", "gca-t100", "gca-monitoring", "gim-t100", "gim-monitoring"];

  before(async () => {
    scenario = await openScenario({ release: "r2026-08", settings: { overrides: [], protect: true } });
  });

  it("plain `pulumi up` refuses the first installation and names the verb; install takes the install order", async () => {
    const plain = await up(scenario);
    assert.match(plain.text, /CUT-3117[\s\S]*cutover install/);
    const since = (await receipts(scenario)).length;
    const installed = await cutover(scenario, "install", scenario.stack, "--json");
    assert.equal(installed.exitCode, 0, installed.text);
    assert.deepEqual(await verifiedOrder(scenario, since), installOrder);
    const nothing = await up(scenario);
    assert.equal(nothing.exitCode, 0, nothing.text);
  });

  it("uninstall wants its warnings acknowledged, goes in reverse order, waits for the pods and lists what is left", async () => {
    const warned = await cutover(scenario, "uninstall", scenario.stack);
    assert.equal(warned.exitCode, 19, warned.text);
    assert.match(warned.text, /Customer Care[\s\S]*not touched: the Info Mart database/);
    assert.equal(Object.keys(await revisions(scenario)).length, 5, "something was removed");
    const gsp = { namespace: namespaceOf(scenario.prefix, "gsp"), labelSelector: "app=gsp" };
    const left = () => scenario.kubernetes.list(configMaps, gsp.namespace, { labelSelector: gsp.labelSelector });
    const gone = await cutover(scenario, "uninstall", scenario.stack, "--acknowledge", "--json");
    assert.equal(gone.exitCode, 0, gone.text);
    assert.deepEqual((gone.document as { removed: string[] }).removed, [...installOrder].reverse());
    assert.deepEqual(await podsOf(scenario.kubernetes, namespaceOf(scenario.prefix, "gim")), []);
    assert.ok((await left()).length > 0, "GSP's state was removed without being asked for");
    assert.match(gone.text, /left over: configmap/);
    assert.equal(summarize(await pages(scenario)).lastVerified.size, 0);
  });

  it("and the stack can be installed again, in the same order", async () => {
    const since = (await receipts(scenario)).length;
    const again = await cutover(scenario, "install", scenario.stack);
    assert.equal(again.exitCode, 0, again.text);
    assert.deepEqual(await verifiedOrder(scenario, since), installOrder);
  });
});

describe("what the driver refuses before it touches anything", function () {
  this.timeout(300_000);
  let scenario: Scenario;

  before(async () => {
    scenario = await installedScenario({ release: "r2026-08" });
  });

  it("a plan that no longer fits, naming what differs", async () => {
    const file = join(scenario.workspace.directory, "plan.json");
    const planned = await cutover(scenario, "plan", scenario.stack, "--release", "r2026-11", "--out", file);
    assert.equal(planned.exitCode, 0, planned.text);
    const issue = await cutover(scenario, "issue", scenario.stack, "reports are slow", "--severity", "low");
    assert.equal(issue.exitCode, 0, issue.text);
    const before = await revisions(scenario);
    const refused = await cutover(scenario, "upgrade", scenario.stack, "--plan", file);
    assert.equal(refused.exitCode, 15, refused.text);
    assert.match(refused.text, /CUT-6422[\s\S]*ledger/);
    assert.deepEqual(await revisions(scenario), before);
  });

  it("a manual `helm rollback` in between: drift", async () => {
    const environment = scenario.workspace.environment;
    await promisify(execFile)(
      "helm",
      ["rollback", "gca-monitoring", "1", "--namespace", namespaceOf(scenario.prefix, "gca")],
      { env: environment },
    );
    const before = await revisions(scenario);
    const refused = await cutover(scenario, "upgrade", scenario.stack, "--release", "r2026-11");
    assert.equal(refused.exitCode, 15, refused.text);
    assert.match(refused.text, /CUT-3119[\s\S]*gca-monitoring/);
    assert.deepEqual(await revisions(scenario), before);
    await edit(scenario, {
      release: "r2026-11",
      overrides: [{ check: "drift", reason: "the same chart and values, rolled back by the test" }],
    });
  });

  it("a release left pending by an interrupted run is healed with proof, by the command that resumes it", async () => {
    const namespace = namespaceOf(scenario.prefix, "gsp");
    await scenario.sandbox.simulators.setFaults([
      { application: "gsp", namespace, imageTag: "100.0.100.3700", fault: "crashLoop" },
    ]);
    const paused = await cutover(scenario, "upgrade", scenario.stack);
    await scenario.sandbox.simulators.clearFaults();
    assert.equal(paused.exitCode, 19, paused.text);
    await makeReleasePending(scenario, namespace, "gsp");
    const run = await cutover(scenario, "upgrade", scenario.stack);
    assert.equal(run.exitCode, 0, run.text);
    assert.match(run.text, /recovered: .*gsp/);
  });

  it("a rollback while Kafka or PostgreSQL is down, with exit code 17", async () => {
    const before = await revisions(scenario);
    await edit(scenario, { kafka: "127.0.0.1:1" });
    const kafka = await cutover(scenario, "rollback", scenario.stack);
    assert.equal(kafka.exitCode, 17, kafka.text);
    assert.match(kafka.text, /CUT-6410[\s\S]*Kafka/);
    await edit(scenario, { kafka: null });
    const { db_port: port = "" } = await databaseSecret(scenario, "t100");
    await changeDatabaseSecret(scenario, "t100", { db_port: "1" });
    const postgres = await cutover(scenario, "rollback", scenario.stack);
    assert.equal(postgres.exitCode, 17, postgres.text);
    assert.match(postgres.text, /CUT-6410[\s\S]*PostgreSQL/);
    await changeDatabaseSecret(scenario, "t100", { db_port: port });
    assert.deepEqual(await revisions(scenario), before);
    assert.equal(summarize(await pages(scenario)).operation, null);
  });
});
