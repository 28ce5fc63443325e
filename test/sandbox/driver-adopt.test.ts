import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { ResourceKind } from "../../clients/contracts.ts";
import { summarize } from "../../model/ledger-summary.ts";
import type { ResolvedService } from "../../model/service.ts";
import { runCommand } from "../../sandbox/process/run.ts";
import { planStack } from "../../stacks/stack-plan.ts";
import { namespaceOf } from "./support/cluster-view.ts";
import { cutover } from "./support/driver.ts";
import { preview } from "./support/runs.ts";
import { openScenario, type Scenario } from "./support/scenario.ts";
import { pages, revisions } from "./support/world.ts";

const jobs: ResourceKind = { group: "batch", version: "v1", plural: "jobs", namespaced: true };

async function helmUpgrade(scenario: Scenario, service: ResolvedService, values = service.values): Promise<void> {
  const { directory, environment } = scenario.workspace;
  const folder = join(directory, "helm-script");
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${service.name}.yaml`);
  await writeFile(file, stringify(values));
  const what = ["upgrade", "--install", service.helmRelease, join(directory, service.chart.path)];
  const how = ["--namespace", service.namespace, "--values", file, "--wait", "--timeout", "5m"];
  const result = await runCommand("helm", [...what, ...how], { environment });
  assert.equal(result.exitCode, 0, result.stderr);
}

const resolved = async (scenario: Scenario): Promise<ResolvedService[]> =>
  (await planStack(scenario.workspace.directory, scenario.stack, () => Promise.resolve([]))).services.map(
    ({ service }) => service,
  );

const verified = async (scenario: Scenario): Promise<Set<string>> =>
  new Set([...summarize(await pages(scenario)).verified.values()].map((one) => one.releaseSet));

const exported = async (scenario: Scenario): Promise<string> =>
  (await scenario.workspace.pulumi(["stack", "export", "--stack", scenario.stack])).stdout;

describe("cutover adopt", function () {
  this.timeout(300_000);
  let scenario: Scenario;
  let services: ResolvedService[];

  const gspJobs = async () =>
    (await scenario.kubernetes.list(jobs, namespaceOf(scenario.prefix, "gsp"))).map(({ metadata }) => metadata.uid);
  const gsp = () => {
    const found = services.find(({ name }) => name === "gsp");
    assert.ok(found);
    return found;
  };

  before(async () => {
    scenario = await openScenario({ release: "r2026-08", settings: { overrides: [] } });
    services = await resolved(scenario);
    for (const service of services) await helmUpgrade(scenario, service);
  });

  it("refuses other values than the release set's, names them and touches nothing", async () => {
    await helmUpgrade(scenario, gsp(), { ...gsp().values, replicaCount: 3 });
    const before = await revisions(scenario);
    const state = await exported(scenario);
    const file = join(scenario.workspace.directory, "stacks", `Pulumi.${scenario.stack}.yaml`);
    const settings = await readFile(file, "utf8");
    const refused = await cutover(scenario, "adopt", scenario.stack);
    assert.equal(refused.exitCode, 15, refused.text);
    assert.match(refused.text, /CUT-6450[\s\S]*gsp: values differ at replicaCount/);
    assert.deepEqual(await revisions(scenario), before);
    assert.equal(await exported(scenario), state);
    assert.equal(await readFile(file, "utf8"), settings);
    assert.deepEqual(await pages(scenario), []);
  });

  it("takes five plain Helm releases over without a Helm upgrade or a hook, verified; the preview after it is empty", async () => {
    await helmUpgrade(scenario, gsp());
    const before = await revisions(scenario);
    const hooks = await gspJobs();
    assert.equal(hooks.length, 1);
    const adopted = await cutover(scenario, "adopt", scenario.stack, "--json");
    assert.equal(adopted.exitCode, 0, adopted.text);
    assert.deepEqual(await revisions(scenario), before);
    assert.deepEqual(await gspJobs(), hooks);
    assert.deepEqual(await verified(scenario), new Set(["r2026-08"]));
    assert.equal(summarize(await pages(scenario)).operation, null);
    const empty = await preview(scenario, "--expect-no-changes");
    assert.equal(empty.exitCode, 0, empty.text);
    const again = await cutover(scenario, "adopt", scenario.stack, "--json");
    assert.deepEqual((again.document as { adopted: string[] }).adopted, []);
  });

  it("upgrades from the adopted state and rolls back to it", async () => {
    const upgraded = await cutover(scenario, "upgrade", scenario.stack, "--release", "r2026-11");
    assert.equal(upgraded.exitCode, 0, upgraded.text);
    assert.deepEqual(await verified(scenario), new Set(["r2026-11"]));
    const back = await cutover(scenario, "rollback", scenario.stack, "--reason", "back to what was adopted");
    assert.equal(back.exitCode, 0, back.text);
    assert.deepEqual(await verified(scenario), new Set(["r2026-08"]));
  });
});

describe("cutover adopt, step by step", function () {
  this.timeout(300_000);

  it("takes one service, goes on after a refused run, and leaves what is not installed to cutover install", async () => {
    const scenario = await openScenario({ release: "r2026-08", settings: { overrides: [] } });
    const { stack } = scenario;
    // With a context the program makes a provider of its own.
    const kubeconfig = parse(await readFile(scenario.sandbox.kubeconfig, "utf8")) as { "current-context": string };
    const cluster = { ledgerNamespace: `${scenario.prefix}cutover`, context: kubeconfig["current-context"] };
    await scenario.workspace.editStack(stack, { cluster, protect: true });
    const installed = ["gim-t100", "gim-monitoring", "gsp"];
    for (const service of await resolved(scenario))
      if (installed.includes(service.name)) await helmUpgrade(scenario, service);
    const before = await revisions(scenario);
    await cutover(scenario, "hold", stack, "--reason", "wait for the night");
    const held = await cutover(scenario, "adopt", stack, "--service", "gim-t100");
    assert.equal(held.exitCode, 15, held.text);
    assert.match(held.text, /wait for the night/);
    await cutover(scenario, "unhold", stack, "--reason", "night");
    const one = await cutover(scenario, "adopt", stack, "--service", "gim-t100", "--json");
    assert.equal(one.exitCode, 0, one.text);
    assert.deepEqual((one.document as { adopted: string[] }).adopted, ["gim-t100"]);
    const rest = await cutover(scenario, "adopt", stack, "--json");
    assert.equal(rest.exitCode, 0, rest.text);
    const { adopted, missing } = rest.document as { adopted: string[]; missing: string[] };
    assert.deepEqual(adopted, ["gim-monitoring", "gsp"]);
    assert.deepEqual(missing, ["gca-t100", "gca-monitoring"]);
    assert.deepEqual(await revisions(scenario), before);
    const empty = await preview(scenario, "--expect-no-changes");
    assert.equal(empty.exitCode, 0, empty.text);
    const install = await cutover(scenario, "install", stack);
    assert.equal(install.exitCode, 0, install.text);
    assert.deepEqual(await revisions(scenario), { ...before, "gca-t100": 1, "gca-monitoring": 1 });
  });
});
