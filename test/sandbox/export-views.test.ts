import assert from "node:assert/strict";
import { namespaceOf, podsOf } from "./support/cluster-view.ts";
import { installedScenario } from "./support/runs.ts";
import { sql } from "./support/world.ts";

describe("export views, by the vendor's own command", function () {
  this.timeout(120_000);

  it("`kubectl exec <gim-pod> -- ./entrypoint.sh -job Job_MigrateGIM -make-export-views` really creates them", async () => {
    const scenario = await installedScenario({ release: "r2026-08" });
    const views = () =>
      sql<{ name: string }>(
        scenario,
        "select relname as name from pg_class where relkind = 'v' and relname like 'export%'",
      );
    const before = (await views()).length;
    const namespace = namespaceOf(scenario.prefix, "gim");
    const pod = (await podsOf(scenario.kubernetes, namespace)).find(({ name }) => name.startsWith("gim-t100"));
    assert.ok(pod !== undefined);
    const command = ["./entrypoint.sh", "-job", "Job_MigrateGIM", "-make-export-views"];
    const result = await scenario.kubernetes.exec(namespace, pod.name, undefined, command, {
      timeoutMilliseconds: 60_000,
    });
    assert.equal(result.exitCode, 0, result.stdout + result.stderr);
    assert.ok((await views()).length > before, `no views were made: ${result.stdout}`);
  });
});
