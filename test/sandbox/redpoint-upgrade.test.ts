import assert from "node:assert/strict";
import { runIn } from "../../sandbox/redpoint/servers.ts";
import { versionQuery } from "../../sandbox/sqlserver/redpoint-migration.ts";
import { tableName } from "../../sandbox/sqlserver/redpoint-schema.ts";
import { cutover } from "./support/driver.ts";
import { openRedpoint, type RedpointScenario } from "./support/redpoint-scenario.ts";

const interactions = `SELECT [State] FROM ${tableName("rpi_Interaction", "sqlserver")} ORDER BY [Id]`;

describe("Redpoint v6 -> v7 in dev, on clones", function () {
  this.timeout(300_000);
  let scenario: RedpointScenario;
  before(async () => {
    scenario = await openRedpoint();
  });
  after(() => scenario.environment.stop());

  it("runs", async () => {
    for (const argv of [
      ["upgrade", scenario.stack, "--release", "v7.6"],
      ["attest", scenario.stack, "--tenant", "acme", "--setting", "Channels", "--value", "as agreed"],
      ["attest", scenario.stack, "--tenant", "globex", "--setting", "Channels", "--value", "as agreed"],
      ["upgrade", scenario.stack],
      ["status", scenario.stack],
      ["upgrade", scenario.stack],
      ["rollback", scenario.stack, "--reason", "UAT said no", "--yes"],
      ["status", scenario.stack],
    ]) {
      const done = await cutover(scenario, ...argv);
      console.log("$", ...argv, "\n", done.exitCode, done.text);
    }
    const { source, target } = scenario.environment.world;
    console.log(
      await runIn(source, "Interaction_acme", [interactions]),
      await runIn(target, "master", ["SELECT name FROM sys.databases ORDER BY name"]),
    );
    console.log(await runIn(source, "Pulse", [versionQuery("sqlserver")]), scenario.environment.nodes[0]?.running());
    assert.ok(true);
  });
});
