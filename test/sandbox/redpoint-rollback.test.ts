import { cutover } from "./support/driver.ts";
import { openRedpoint, type RedpointScenario } from "./support/redpoint-scenario.ts";
import * as states from "./support/redpoint-states.ts";
import { editFile, pages } from "./support/world.ts";

describe("explore", function () {
  this.timeout(580_000);
  let scenario: RedpointScenario;
  const go = async (...argv: string[]) => {
    const began = Date.now();
    const done = await cutover(scenario, ...argv);
    console.log("\n$", ...argv, `(${((Date.now() - began) / 1000).toFixed(0)} s) ->`, done.exitCode, "\n" + done.text);
    return done;
  };
  const state = async () => {
    console.log(
      states.releaseInFile(scenario),
      states.upgradeCalls(scenario),
      JSON.stringify(await states.contentOf(scenario)),
      await states.databaseNames(scenario),
      scenario.environment.nodes.map((node) => [node.running(), node.calls()]),
    );
  };
  before(async () => {
    scenario = await openRedpoint({ mode: "inPlace", nodes: 2, settings: { retry: { attempts: 1, backoff: "1s" } } });
    await editFile(scenario, "stacks/redpoint/releases/v7.6/release.yaml", (text) =>
      text.replace("waitTimeoutSeconds: 360", "waitTimeoutSeconds: 20\n      readyTimeoutSeconds: 15"),
    );
  });
  after(() => scenario.environment.stop());
  it("explores", async () => {
    await state();
    await scenario.environment.source.faults.set([{ fault: "diskFull", atPercent: 50, database: "Interaction_globex" }]);
    await go("upgrade", scenario.stack, "--release", "v7.6");
    await state();
    await scenario.environment.source.faults.clear();
    await go("rollback", scenario.stack);
    await state();
    await go("status", scenario.stack);
    await go("unhold", scenario.stack, "--reason", "x");
    await scenario.sandbox.simulators.setFaults([
      { application: "rpi-deploymentapi", namespace: scenario.environment.world.namespace, fault: "neverReady" },
    ]);
    await go("upgrade", scenario.stack, "--release", "v7.6");
    await state();
    await scenario.sandbox.simulators.clearFaults();
    await go("rollback", scenario.stack);
    await state();
    await go("unhold", scenario.stack, "--reason", "x");
    await go("upgrade", scenario.stack, "--release", "v7.6");
    await states.attestChannels(scenario);
    await go("upgrade", scenario.stack);
    await state();
    await go("upgrade", scenario.stack);
    const asked = await go("rollback", scenario.stack);
    await go(...states.commandIn(asked, "cutover rollback"));
    await state();
    await go("unhold", scenario.stack, "--reason", "x");
    await go("upgrade", scenario.stack, "--release", "v7.6");
    await states.attestChannels(scenario);
    await go("upgrade", scenario.stack);
    await state();
    for (const page of await pages(scenario))
      console.log(page.number, page.entries.map((e) => `${e.kind} ${e.kind === "receipt" ? `${e.receipt.service ?? ""} ${e.receipt.step} ${e.receipt.verdict}` : ""}`));
  });
});
