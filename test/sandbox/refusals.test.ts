import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Scenario } from "./support/scenario.ts";
import { namespaceOf, namespaces, secrets } from "./support/cluster-view.ts";
import { breakPod, healPods, restoreStacks } from "./support/disturbances.ts";
import { installedScenario, up } from "./support/runs.ts";
import { changeDatabaseSecret, edit, editFile, record, revisions, schemaVersion } from "./support/world.ts";

// Bad input and a world that is not ready: each a clear error with a code and a next command, before anything is touched.

describe("what is refused before anything is touched", function () {
  this.timeout(300_000);
  let scenario: Scenario;
  let untouched: Record<string, number>;

  before(async () => {
    scenario = await installedScenario({ release: "r2026-08" });
    untouched = await revisions(scenario);
  });

  afterEach(async () => {
    assert.deepEqual(await revisions(scenario), untouched, "a release was touched");
    assert.equal(await schemaVersion(scenario), "8.5.113", "the database was touched");
    await restoreStacks(scenario);
    await scenario.sandbox.simulators.clearFaults();
  });

  /** `up` must fail with a code, the words and a next step. */
  async function refused(...words: RegExp[]): Promise<string> {
    const run = await up(scenario);
    assert.notEqual(run.exitCode, 0, `was not refused:\n${run.text}`);
    for (const word of [/CUT-\d{4}/, /next:/, ...words]) assert.match(run.text, word);
    assert.doesNotMatch(run.text, /^\s+at .*\(.*:\d+:\d+\)$/m, "a stack trace");
    return run.text;
  }

  describe("in the files", () => {
    it("an unknown key, with file, line, column and the allowed keys", async () => {
      await editFile(scenario, `stacks/Pulumi.${scenario.stack}.yaml`, (text) =>
        text.replace("config:\n", "config:\n  cutover:relase: r2026-11\n"),
      );
      await refused(/Pulumi\.infomart-dev\.yaml:\d+:\d+/, /relase/, /release/);
    });

    it("a wrong type, with the place and what is allowed", async () => {
      await edit(scenario, { environment: "devel" });
      await refused(/Pulumi\.infomart-dev\.yaml:\d+:\d+/, /dev.*staging.*prod/);
    });

    it("a missing chart", async () => {
      await edit(scenario, { release: "r2026-11" });
      rmSync(join(scenario.workspace.directory, "stacks/infomart/releases/r2026-11/charts/gsp-100.0.100+3700.tgz"));
      await refused(/gsp-100\.0\.100\+3700\.tgz/);
    });

    it("a chart whose bytes are not those of the release set", async () => {
      await edit(scenario, { release: "r2026-11" });
      const file = "stacks/infomart/releases/r2026-11/charts/gsp-100.0.100+3700.tgz";
      await editFile(scenario, file, () => "not the chart");
      await refused(/sha256|digest/i, /[0-9a-f]{64}/);
    });

    it("an unknown release set, listing the known ones", async () => {
      await edit(scenario, { release: "r2026-12" });
      await refused(/r2026-12/, /r2026-11/);
    });
  });

  describe("in the direction", () => {
    it("setting cutover:release back, with the command to type", async () => {
      await edit(scenario, { release: "r2026-05" });
      await refused(/rollback/);
    });

    it("three release sets forward from the oldest: N-2", async () => {
      const old = await installedScenario({ release: "r2026-05" });
      await edit(old, { release: "r2027-02" });
      const run = await up(old);
      assert.notEqual(run.exitCode, 0);
      assert.match(run.text, /N-2/);
      assert.match(run.text, /r2026-08|r2026-11/, "names no intermediate stop");
    });

    it("a stack on hold", async () => {
      await edit(scenario, { release: "r2026-11" });
      await record(scenario, { kind: "hold", reason: "customer complains about missing calls" });
      try {
        await refused(/hold/i, /customer complains about missing calls/);
      } finally {
        await record(scenario, { kind: "unhold", reason: "end of the test" });
      }
    });
  });

  describe("in the cluster", () => {
    beforeEach(() => edit(scenario, { release: "r2026-11" }));

    it("the wrong cluster", async () => {
      await edit(scenario, {
        cluster: { ledgerNamespace: `${scenario.prefix}cutover`, uid: "00000000-0000-0000-0000-000000000000" },
      });
      await refused(/cluster/i, /kube-system/);
    });

    it("a missing pull secret", async () => {
      const namespace = namespaceOf(scenario.prefix, "gsp");
      const kept = await scenario.kubernetes.get(secrets, namespace, "pullsecret");
      await scenario.kubernetes.delete(secrets, namespace, "pullsecret");
      try {
        await refused(/pullsecret/);
      } finally {
        await scenario.kubernetes.create(secrets, namespace, {
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "pullsecret", namespace },
          type: kept?.type,
          data: kept?.data,
        });
      }
    });

    it("a missing namespace", async () => {
      await edit(scenario, { namespaces: { prefix: "nowhere-" } });
      await refused(/nowhere-g/);
      assert.equal(await scenario.kubernetes.get(namespaces, null, "nowhere-gim"), null);
    });

    it("a service that is not healthy", async () => {
      await breakPod(scenario, "gca-t100");
      await refused(/gca-t100/, /healthy/i);
      await healPods(scenario, "gca-t100");
    });

    it("a way back that is missing", async () => {
      rmSync(join(scenario.workspace.directory, "stacks/infomart/releases/r2026-08/charts/gsp-100.0.100+2600.tgz"));
      await refused(/way back|go back/i, /r2026-08/);
    });
  });

  describe("in third parties", () => {
    beforeEach(() => edit(scenario, { release: "r2026-11" }));

    it("a PostgreSQL that is too old", async () => {
      await editFile(scenario, "stacks/infomart/releases/r2026-11/release.yaml", (text) =>
        text.replace(/(postgresql:\n\s+minimum: )"12"/, '$1"42"'),
      );
      await refused(/PostgreSQL/i, /42/);
    });

    it("a Kafka that cannot be reached", async () => {
      await edit(scenario, { kafka: "127.0.0.1:9" });
      await refused(/kafka/i, /127\.0\.0\.1:9/);
    });

    it("a PostgreSQL that cannot be reached", async () => {
      await changeDatabaseSecret(scenario, "t100", { db_hostname: "127.0.0.1", db_port: "9" });
      try {
        await refused(/127\.0\.0\.1:9|ECONNREFUSED/);
      } finally {
        await changeDatabaseSecret(scenario, "t100", {
          db_hostname: scenario.sandbox.database.host,
          db_port: String(scenario.sandbox.database.port),
        });
      }
    });
  });
});
