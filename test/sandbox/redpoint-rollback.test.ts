import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { summarize } from "../../model/ledger-summary.ts";
import { redpointImageTags } from "../../sandbox/charts/redpoint-rpi.ts";
import { version6 } from "../../sandbox/redpoint/create-redpoint-world.ts";
import type { InstallationContent } from "../../sandbox/redpoint/databases.ts";
import { runIn } from "../../sandbox/redpoint/servers.ts";
import { versionQuery } from "../../sandbox/sqlserver/redpoint-migration.ts";
import { ledgerProblems } from "./support/disturbances.ts";
import { cutover } from "./support/driver.ts";
import { secrets } from "./support/cluster-view.ts";
import { openRedpoint, type RedpointScenario } from "./support/redpoint-scenario.ts";
import {
  commandIn,
  contentOf,
  databaseNames,
  history,
  nodesRun,
  releaseInFile,
  setFault,
  shortenPatience,
  unhold,
  upgradeCalls,
  upgradeWithAttestation,
} from "./support/redpoint-states.ts";
import { pages } from "./support/world.ts";

const version7 = redpointImageTags["7.6"];

describe("Redpoint in place: v6 is stopped, migrated, and comes back", function () {
  this.timeout(300_000);
  let scenario: RedpointScenario;
  let stack = "";
  let v6: { content: InstallationContent; databases: string[] };
  let backupId = "";

  before(async () => {
    scenario = await openRedpoint({ mode: "inPlace", nodes: 2, settings: { retry: { attempts: 1, backoff: "1s" } } });
    stack = scenario.stack;
    await shortenPatience(scenario, { waitTimeoutSeconds: 60, readyTimeoutSeconds: 10 });
    v6 = { content: await contentOf(scenario), databases: await databaseNames(scenario) };
    assert.equal(v6.content.version, version6);
  });
  afterEach(async () => {
    await scenario.sandbox.simulators.clearFaults();
    await scenario.environment.source.faults.clear();
  });
  after(() => scenario.environment.stop());

  const nodeCalls = (since: readonly number[] = []) =>
    scenario.environment.nodes.map((node, index) => node.calls().slice(since[index] ?? 0));
  const countCalls = () => nodeCalls().map((calls) => calls.length);

  /** v6 is as it was before anything: databases by name and content, nodes, stack file, Helm. */
  async function assertV6(more: { kept?: number } = {}): Promise<void> {
    assert.deepEqual(await contentOf(scenario), v6.content);
    const names = await databaseNames(scenario);
    const kept = names.filter((name) => name.includes("_replaced_"));
    assert.deepEqual(
      names.filter((name) => !kept.includes(name)),
      v6.databases,
    );
    assert.equal(kept.length, more.kept ?? 0);
    assert.deepEqual(nodesRun(scenario), [true, true]);
    assert.equal(releaseInFile(scenario), "v6");
    for (const namespace of [scenario.environment.world.namespace, `${scenario.prefix}rpi-realtime-acme`])
      assert.deepEqual(await scenario.kubernetes.list(secrets, namespace, { labelSelector: "owner=helm" }), []);
    assert.notEqual(summarize(await pages(scenario)).hold, null, "the stack is not on hold");
  }

  it("a backup that fails after v6 was stopped: exit 16, nothing is released, and it says that v6 stands still", async () => {
    await scenario.environment.source.faults.set([
      { fault: "diskFull", atPercent: 50, database: "Interaction_globex" },
    ]);
    const run = await cutover(scenario, "upgrade", stack, "--release", "v7.6");
    assert.equal(run.exitCode, 16, run.text);
    const [first = "", second = ""] = scenario.environment.nodes.map(({ name }) => name);
    assert.match(run.text, /failed at backup: CUT-5412 the backup of Interaction_globex/);
    assert.match(run.text, /112\(There is not enough space on the disk/);
    assert.match(run.text, new RegExp(`v6 is stopped on ${first}, ${second} since \\d{4}-`));
    assert.match(run.text, new RegExp(`cutover upgrade ${stack} goes on, cutover rollback ${stack} takes it back`));
    assert.deepEqual(nodesRun(scenario), [false, false]);
    assert.deepEqual(nodeCalls(), [["enter", "stop"], ["stop"]]);
    assert.ok(!(await history(scenario)).some((line) => line.startsWith("rpi")));
    const { text } = await cutover(scenario, "status", stack);
    assert.match(text, new RegExp(`nodes stopped since \\S+: ${first}, ${second}`));
  });

  it("taking that back starts the nodes; a node that cannot be asked stops it, and the same command goes on", async () => {
    const deaf = join(scenario.environment.nodes[1]?.home ?? "", "run", "cannot-tell");
    writeFileSync(deaf, "");
    const stopped = await cutover(scenario, "rollback", stack);
    assert.notEqual(stopped.exitCode, 0, stopped.text);
    assert.match(stopped.text, /CUT-5602.*\n.*the service manager does not answer/);
    assert.match(stopped.text, /untouched: No node was started/);
    const other = await cutover(scenario, "upgrade", stack);
    assert.match(other.text, new RegExp(`CUT-6421[^]*cutover rollback ${stack} finishes it`));
    rmSync(deaf);
    const back = await cutover(scenario, "rollback", stack);
    assert.equal(back.exitCode, 0, back.text);
    assert.match(back.text, /the databases stay as they are: no migration had begun/);
    assert.match(back.text, /v6 runs again on/);
    assert.deepEqual(nodeCalls(), [
      ["enter", "stop", "start", "leave"],
      ["stop", "start"],
    ]);
    await assertV6();
    const { text } = await cutover(scenario, "status", stack);
    assert.doesNotMatch(text, /nodes stopped/);
  });

  it("before the call: the API never answers, and the rollback needs no backup", async () => {
    await unhold(scenario);
    await setFault(scenario, "neverReady");
    const run = await cutover(scenario, "upgrade", stack, "--release", "v7.6");
    assert.equal(run.exitCode, 19, run.text);
    assert.match(run.text, /errored at rpi migrate: CUT-5703/);
    assert.match(run.text, /untouched: It was not called: the databases are as they were/);
    assert.match(run.text, new RegExp(`next: kubectl get pods[^\n]*cutover rollback ${stack} takes it back`));
    const back = await cutover(scenario, "rollback", stack);
    assert.equal(back.exitCode, 0, back.text);
    assert.match(back.text, /rpi: v7\.6 -> v6 {2}removed/);
    assert.equal(upgradeCalls(scenario), 0);
    await assertV6();
  });

  it("nodes stop, everything is saved, then v7 is released and all databases are migrated by one call", async () => {
    await unhold(scenario);
    const [receiptsBefore, callsBefore] = [(await history(scenario)).length, countCalls()];
    const run = await upgradeWithAttestation(scenario);
    assert.equal(run.exitCode, 0, run.text);
    assert.deepEqual(nodeCalls(callsBefore), [["enter", "stop"], ["stop"]]);
    const done = (await history(scenario)).slice(receiptsBefore);
    assert.deepEqual(done.slice(0, 10), [
      ...["platform preflight passed", "platform quiesce passed", "platform backup passed", "platform clone skipped"],
      ...[
        "rpi check passed",
        "call begun",
        "call sent",
        "call done",
        "rpi migrate passed",
        "rpi configure inconclusive",
      ],
    ]);
    assert.ok(done.indexOf("rpi verify passed") < done.indexOf("rpi-realtime-acme check passed"));
    assert.equal(done.at(-1), "platform finish passed");
    assert.equal(upgradeCalls(scenario), 1);
    const content = await contentOf(scenario);
    assert.equal(content.version, version7);
    for (const states of Object.values(content.interactions)) assert.deepEqual(new Set(states), new Set(["Migrated"]));
    for (const columns of Object.values(content.auditColumns)) assert.ok(columns.includes("Origin"));
    assert.deepEqual(nodesRun(scenario), [false, false]);
  });

  it("the same command again does nothing", async () => {
    const before = [await history(scenario), countCalls(), upgradeCalls(scenario)];
    const again = await cutover(scenario, "upgrade", stack);
    assert.equal(again.exitCode, 0, again.text);
    assert.deepEqual([await history(scenario), countCalls(), upgradeCalls(scenario)], before);
  });

  it("a rollback without a backup pauses: it names the one from before the call, what would be lost, and the command", async () => {
    const later = await cutover(scenario, "backup", stack, "--json");
    assert.equal(later.exitCode, 0, later.text);
    const names = await databaseNames(scenario);
    const asked = await cutover(scenario, "rollback", stack);
    assert.equal(asked.exitCode, 19, asked.text);
    assert.match(asked.text, /CUT-6402[^]*v6 does not run on the schema of v7\.6/);
    assert.match(asked.text, /what rpi wrote from \S+ to now \(\d+/);
    const command = commandIn(asked, "cutover rollback");
    backupId = command[3] ?? "";
    assert.match(backupId, new RegExp(`^${stack}/platform/\\d+$`));
    assert.deepEqual(command, ["rollback", stack, "--restore", backupId, "--yes"]);
    // The newest backup has the migration in it.
    const wrong = await cutover(scenario, "rollback", stack, "--restore", "latest", "--yes");
    assert.equal(wrong.exitCode, 19, wrong.text);
    assert.match(wrong.text, /CUT-6404[^]*was taken after the migration of rpi had begun/);
    assert.deepEqual(commandIn(wrong, "cutover rollback"), command);
    assert.deepEqual(await databaseNames(scenario), names);
    assert.deepEqual(nodesRun(scenario), [false, false]);
  });

  it("with it, all databases are back by content, those of v7 are kept, v7 is gone, and v6 runs", async () => {
    const callsBefore = countCalls();
    const back = await cutover(scenario, "rollback", stack, "--restore", backupId, "--yes");
    assert.equal(back.exitCode, 0, back.text);
    await assertV6({ kept: v6.databases.length });
    const kept = (await databaseNames(scenario)).find((name) => name.startsWith("Pulse_replaced_")) ?? "";
    const rows = await runIn(scenario.environment.world.target, kept, [versionQuery("sqlserver")]);
    assert.deepEqual(
      rows.map((row) => row["Version"]),
      [version7],
    );
    assert.deepEqual(nodeCalls(callsBefore), [["start", "leave"], ["start"]]);
    assert.equal(upgradeCalls(scenario), 1);
    const held = await cutover(scenario, "upgrade", stack, "--release", "v7.6");
    assert.equal(held.exitCode, 15, held.text);
    assert.match(held.text, /after a rollback of run/);
    assert.deepEqual(nodesRun(scenario), [true, true]);
  });

  it("released from the hold it can be upgraded again, with one more call", async () => {
    await unhold(scenario);
    const run = await upgradeWithAttestation(scenario);
    assert.equal(run.exitCode, 0, run.text);
    assert.equal(upgradeCalls(scenario), 2);
    assert.equal((await contentOf(scenario)).version, version7);
  });

  it("one service of v7 alone: v6 is not started beside the other; when that is gone too, it runs again", async () => {
    const part = await cutover(scenario, "rollback", stack, "--service", "rpi-realtime-acme", "--yes");
    assert.equal(part.exitCode, 0, part.text);
    assert.match(part.text, /v6 was not started again, since rpi \(v7\.6\) still stands/);
    assert.deepEqual(nodesRun(scenario), [false, false]);
    assert.equal((await contentOf(scenario)).version, version7);
    const asked = await cutover(scenario, "rollback", stack, "--service", "rpi");
    assert.equal(asked.exitCode, 19, asked.text);
    const back = await cutover(scenario, ...commandIn(asked, "cutover rollback"));
    assert.equal(back.exitCode, 0, back.text);
    await assertV6({ kept: 2 * v6.databases.length });
    assert.deepEqual(await ledgerProblems(scenario), []);
  });
});
