import assert from "node:assert/strict";
import { redpointImageTags } from "../../sandbox/charts/redpoint-rpi.ts";
import type { PostgresServer } from "../../sandbox/postgres/start-postgres.ts";
import { version6 } from "../../sandbox/redpoint/create-redpoint-world.ts";
import { readInstallation, readTenantConnections, type InstallationContent } from "../../sandbox/redpoint/databases.ts";
import type { RedpointServer } from "../../sandbox/redpoint/servers.ts";
import { runIn } from "../../sandbox/redpoint/servers.ts";
import { redpointCalls } from "../../sandbox/simulators/redpoint/record.ts";
import { cutover } from "./support/driver.ts";
import { openRedpointOnPostgres, type RedpointScenario } from "./support/redpoint-scenario.ts";
import type { Finished } from "./support/runs.ts";
import { receipts } from "./support/world.ts";

// The chart's `provider: postgresql`: the same steps, on real PostgreSQL servers.

describe("Redpoint v6 -> v7.6 on PostgreSQL", function () {
  this.timeout(300_000);
  let scenario: RedpointScenario<PostgresServer>;
  let before6: InstallationContent;
  const go = async (exitCode: number, ...argv: string[]): Promise<Finished> => {
    const run = await cutover(scenario, ...argv);
    assert.equal(run.exitCode, exitCode, run.text);
    assert.ok(!run.text.includes(scenario.environment.world.source.password), "the password is shown");
    return run;
  };
  const content = (server: RedpointServer): Promise<InstallationContent> =>
    readInstallation(server, scenario.environment.world.databases);
  const calls = () =>
    redpointCalls(scenario.sandbox.directory, {
      namespace: scenario.environment.world.namespace,
      request: "upgrade",
    }).length;
  const names = async (server: RedpointServer) =>
    (await runIn(server, "postgres", ["SELECT datname AS name FROM pg_database"])).map((row) => String(row["name"]));
  const stack = "redpoint-dev";
  const open = async (mode: "clone" | "inPlace") => {
    scenario = await openRedpointOnPostgres({ mode });
    before6 = await content(scenario.environment.world.source);
    assert.equal(before6.version, version6);
  };
  const upgrade = async () => {
    await go(19, "upgrade", stack, "--release", "v7.6");
    for (const tenant of ["acme", "globex"])
      await go(0, "attest", stack, "--tenant", tenant, "--setting", "Channels", "--value", "as agreed");
    await go(0, "upgrade", stack);
  };
  const isMigrated = async (server: RedpointServer) => {
    const now = await content(server);
    assert.equal(now.version, redpointImageTags["7.6"]);
    for (const states of Object.values(now.interactions)) assert.deepEqual(new Set(states), new Set(["Migrated"]));
    assert.notDeepEqual(now.auditColumns, before6.auditColumns);
    for (const tenant of ["acme", "globex"])
      assert.ok(now.settings.includes(`${tenant} FileOutputDirectory=/rpifileoutputdir`), now.settings.join("\n"));
  };
  afterEach(() => scenario.environment.stop());

  it("on clones: they are migrated, v6's databases and node are not touched", async () => {
    await open("clone");
    await upgrade();
    const { source, target } = scenario.environment.world;
    await isMigrated(target);
    assert.deepEqual(await content(source), before6);
    assert.equal(scenario.environment.nodes[0]?.running(), true);
    assert.equal(calls(), 1);
    for (const { operational, audit } of await readTenantConnections(target, "Pulse"))
      for (const text of [operational, audit]) assert.match(text, new RegExp(`Port=${target.port}\\b`));
  });

  it("in place, and back with the restored databases", async () => {
    await open("inPlace");
    await upgrade();
    const { source } = scenario.environment.world;
    const before = (await names(source)).filter((name) => /^(Pulse|Interaction|RPIRealtime)/.test(name));
    await isMigrated(source);
    assert.equal(scenario.environment.nodes[0]?.running(), false);
    const backup = (await receipts(scenario)).find((one) => one.service === null && one.step === "backup");
    const id = backup?.facts["backupId"];
    assert.ok(typeof id === "string");
    const done = await go(0, "rollback", stack, "--restore", id, "--reason", "UAT said no", "--yes");
    assert.deepEqual(await content(source), before6);
    assert.equal(scenario.environment.nodes[0]?.running(), true);
    // What v7 wrote is not lost: each database that was replaced is kept.
    const kept = (await names(source)).filter((name) => name.includes("_replaced_"));
    assert.equal(kept.length, before.length);
    for (const name of kept) assert.ok(done.text.includes(name), name);
    assert.ok(!(await names(source)).some((name) => name.includes("_restore_")), "a half restored database is left");
    assert.equal(calls(), 1);
  });
});
