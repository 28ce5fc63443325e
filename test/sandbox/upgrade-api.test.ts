import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beginAttempt } from "../../clients/ledger-run.ts";
import { CutoverError } from "../../model/error.ts";
import { gateSpec } from "../../model/gate.ts";
import { redpointImageTags } from "../../sandbox/charts/redpoint-rpi.ts";
import type { Fault, Sandbox } from "../../sandbox/contracts.ts";
import { createRedpointWorld, version6, type RedpointWorld } from "../../sandbox/redpoint/create-redpoint-world.ts";
import { readInstallation } from "../../sandbox/redpoint/databases.ts";
import { onPostgres } from "../../sandbox/redpoint/servers.ts";
import { mainValues } from "../../sandbox/redpoint/values.ts";
import { redpointCalls } from "../../sandbox/simulators/redpoint/record.ts";
import { run as configure } from "../../steps/configure.ts";
import type { Outcome } from "../../steps/context.ts";
import { runGate } from "../../steps/gates/index.ts";
import { openOperationalForGates } from "../../steps/gates/operational-database.ts";
import { run as migrate } from "../../steps/upgrade-api/index.ts";
import { calledMigrationSpec } from "../../model/step-specs.ts";
import { until, withEnvironment } from "./clients-world.ts";
import { deployRedpoint } from "./support/redpoint.ts";
import { openRedpointBench, type RedpointBench } from "./support/redpoint-step.ts";
import { sharedSandbox } from "./support/shared-sandbox.ts";

const tag = redpointImageTags["7.7"];
const others = ["callbackapi", "executionservice", "integrationapi", "interactionapi", "nodemanager", "queuereader"];
const onlyDeploymentApi = Object.fromEntries(others.map((key) => [key, { enabled: false }]));

// The steps on a real API server and real databases; the deployment API is the simulator's, behind a real port-forward.

describe("the steps migrate and configure of Redpoint", function () {
  this.timeout(240_000);
  let sandbox: Sandbox;
  let world: RedpointWorld;
  let bench: RedpointBench;
  let worlds = 0;
  let restore: () => void;

  before(async () => {
    sandbox = await sharedSandbox();
    restore = withEnvironment({ KUBECONFIG: sandbox.kubeconfig, PATH: sandbox.environment["PATH"] ?? "" });
  });
  after(() => restore());

  /** v6 on databases of its own, with v7's pods beside it that nobody has called yet. */
  const openWorld = async () => {
    worlds += 1;
    const prefix = `u${worlds}_`;
    world = await createRedpointWorld({
      ...{ sandbox, source: onPostgres(sandbox.database), prefix: `u${worlds}-`, tenants: ["acme", "globex"] },
      installation: { prefix, pulse: `${prefix}Pulse`, logging: `${prefix}Pulse_Logging`, realtime: false },
    });
    const values = { ...mainValues({ generation: "7.7", provider: "postgresql" }), ...onlyDeploymentApi };
    await deployRedpoint(sandbox, { name: "rpi", namespace: world.namespace, generation: "7.7", values });
    bench = await openRedpointBench(world, tag);
    await beginAttempt(bench.ledger, bench.request("preflight", "1.1", {}), []);
  };
  const closeWorld = async () => {
    await sandbox.simulators.clearFaults();
    await bench.close();
  };

  const endpoint = { service: "rpi-deploymentapi", port: 80 };
  const migrateSpec = (change: Record<string, unknown> = {}) => ({
    service: bench.identity,
    schemaVersion: { from: "6.7", to: tag },
    migrate: { kind: "upgradeApi", endpoint, waitTimeoutSeconds: 20, timeoutSeconds: 90, ...change },
    operationalDatabases: bench.operationalDatabases,
    acknowledged: [],
  });
  const step = (attempt: string, change: Record<string, unknown> = {}): Promise<Outcome> =>
    migrate(bench.context(bench.request("migrate", attempt, migrateSpec(change))));
  const set = (fault: Fault["fault"], milliseconds?: number) =>
    sandbox.simulators.setFaults([
      {
        ...{ application: "rpi-deploymentapi", namespace: world.namespace, fault },
        ...(milliseconds === undefined ? {} : { milliseconds }),
      },
    ]);
  const calls = () => redpointCalls(sandbox.directory, { namespace: world.namespace, request: "upgrade" }).length;
  const content = () => readInstallation(world.source, world.databases);
  const refused = async (work: Promise<unknown>): Promise<CutoverError["details"]> => {
    const error: unknown = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof CutoverError, String(error));
    return error.details;
  };

  describe("a process that is killed in the middle, then licence, settings and gates", () => {
    before(openWorld);
    after(closeWorld);

    it("SIGKILL while the upgrade goes on: the next attempt follows it; the databases are migrated, by one call", async () => {
      await set("upgradeSlow", 4000);
      const steps = join(import.meta.dirname, "..", "..", "steps");
      const request = bench.request("migrate", "1.1", migrateSpec());
      const script = join(bench.root, "child.mjs");
      writeFileSync(
        script,
        `import { openConnections } from ${JSON.stringify(join(steps, "connections.ts"))};
import { run } from ${JSON.stringify(join(steps, "upgrade-api", "index.ts"))};
const { context } = openConnections({ root: ${JSON.stringify(bench.root)}, request: ${JSON.stringify(request)},
  signal: new AbortController().signal, progress: console.error });
await run(context);\n`,
      );
      const child = spawn(process.execPath, [script], { stdio: ["ignore", "ignore", "inherit"] });
      await until(async () => (calls() === 1 ? true : null));
      child.kill("SIGKILL");
      await once(child, "close");
      assert.equal((await content()).version, version6);
      const outcome = await step("1.2");
      assert.equal(outcome.verdict, "passed");
      assert.deepEqual([outcome.facts?.["schemaBefore"], outcome.facts?.["schemaAfter"]], [version6, tag]);
      assert.match(bench.said.join("\n"), /rpi-upgrade-call-1 was made at .*following its status/);
      const after = await content();
      assert.equal(after.version, tag);
      for (const states of Object.values(after.interactions)) assert.ok(states.every((state) => state === "Migrated"));
      assert.equal(calls(), 1);
      assert.equal((await step("1.3")).reused, true);
      assert.equal(calls(), 1);
    });

    const table = 'dbo."rpi_Setting"';
    const configureSpec = (tenantSettings: object | null, settings: object[]) => ({
      service: bench.identity,
      configure: {
        endpoint,
        licence: { systemName: "sandbox", secret: "rpi-licence", key: "activation-key" },
        settings,
      },
      values: { storage: { mountPath: "/rpifileoutputdir" } },
      tenants: ["acme", "globex"],
      tenantSettings,
      operationalDatabases: bench.operationalDatabases,
    });
    const directory = { name: "FileOutputDirectory", value: "${values:storage.mountPath}" };
    const read = `SELECT "Value" FROM ${table} WHERE "Tenant" = @tenant AND "Name" = @setting`;
    const write = `UPDATE ${table} SET "Value" = @value WHERE "Tenant" = @tenant AND "Name" = @setting`;
    const settle = (attempt: string, tenantSettings: object | null, settings: object[]) =>
      configure(bench.context(bench.request("configure", attempt, configureSpec(tenantSettings, settings))));

    it("a refused licence fails without its key, the right one is activated over the port-forward", async () => {
      await set("licenceRefused");
      const { code, evidence } = await refused(settle("1.3", null, []));
      assert.equal(code, "CUT-5732");
      assert.match(evidence?.join() ?? "", /activation key has been revoked/);
      assert.doesNotMatch(JSON.stringify(evidence), /RPI7-/);
      await sandbox.simulators.clearFaults();
      assert.equal((await settle("1.4", null, [])).facts?.["licence"], "activated");
    });

    it("the v6 path of every tenant is wrong; with a statement it is written and read back", async () => {
      const { code, evidence } = await refused(settle("1.4", { read, values: {} }, [directory]));
      assert.equal(code, "CUT-5742");
      assert.match(
        evidence?.join("\n") ?? "",
        /acme: FileOutputDirectory is C:\\RPI\\FileAssets, must be \/rpifileoutputdir\nglobex: /,
      );
      const outcome = await settle("1.5", { read, write, values: {} }, [directory]);
      assert.deepEqual([outcome.verdict, outcome.facts?.["written"]], ["passed", 2]);
      assert.equal((await settle("1.6", { read, values: {} }, [directory])).facts?.["written"], 0);
    });

    it("gates ask the operational databases and the API itself", async () => {
      const context = bench.context(bench.request("verify", "1.6", {}));
      const { service, operationalDatabases } = calledMigrationSpec.parse(migrateSpec());
      assert.ok(operationalDatabases !== null);
      const judge = (spec: object) =>
        context.kubernetes().then((kubernetes) =>
          runGate(gateSpec.parse({ timeoutSeconds: 20, name: "g", ...spec }), {
            ...{ kubernetes, helm: context.helm, service, prometheus: null, say: () => undefined },
            openDatabase: () => Promise.reject(new Error("no database of its own")),
            openOperational: (name) => openOperationalForGates(context, operationalDatabases, name),
            ...{ defaultConnection: "operational", signal: context.signal },
          }),
        );
      const scalar = { query: 'select "Version" from dbo."rpi_Cluster"', equals: tag };
      const sql = await judge({
        kind: "sql",
        tables: ['dbo."rpi_Upgrade"'],
        rowCounts: { 'dbo."rpi_Tenant"': 2 },
        scalar,
      });
      assert.equal(sql.verdict, "passed", sql.summary);
      const http = { kind: "http", service: "rpi-deploymentapi", port: 80 };
      const version = `Upgrading to version ${tag.replaceAll(".", "\\.")}`;
      const status = await judge({ ...http, path: "/api/deployment/status", expectBody: version });
      assert.equal(status.verdict, "passed", status.summary);
      const source = { ...http, path: "/health/ready", requests: 5 };
      const latency = await judge({ kind: "performance", source, maximum: 20_000 });
      assert.equal(latency.verdict, "passed", latency.summary);
    });
  });

  describe("faults of the deployment API", () => {
    beforeEach(openWorld);
    afterEach(closeWorld);

    it("a connection that is cut after the call: the status is followed, nothing is called twice", async () => {
      await set("upgradeConnectionCut");
      assert.equal((await step("1.1")).verdict, "passed");
      assert.deepEqual([(await content()).version, calls()], [tag, 1]);
    });

    it("an old LastRunComplete pauses; a person lets it be called again", async () => {
      await set("upgradeOldStatus");
      const { verdict, exitCode, next } = await refused(step("1.1", { waitTimeoutSeconds: 3 }));
      assert.deepEqual([verdict, exitCode], ["inconclusive", 19]);
      assert.match(next ?? "", new RegExp(`kubectl logs rpi-deploymentapi-\\S+ -n ${world.namespace}`));
      assert.deepEqual([(await content()).version, calls()], [version6, 1]);
      await sandbox.simulators.clearFaults();
      await refused(step("1.2", { waitTimeoutSeconds: 3 }));
      assert.equal(calls(), 1);
      await bench.ledger.append({ kind: "acknowledgement", note: "rpi-upgrade-call-1", reason: "Pulse is at 6.7" });
      assert.equal((await step("1.3", { waitTimeoutSeconds: 3 })).verdict, "passed");
      assert.deepEqual([(await content()).version, calls()], [tag, 2]);
    });

    it("LastRunFailed and a 500 fail with the API's words and are not called again", async () => {
      await set("upgradeFails");
      const { verdict, evidence } = await refused(step("1.1"));
      assert.equal(verdict, "failed");
      assert.match(evidence?.join("\n") ?? "", /API: \[.*Upgrade failed: Execution Timeout Expired/);
      assert.equal((await refused(step("1.2"))).code, "CUT-5711");
      assert.equal(calls(), 1);
    });

    it("a 500 whose work was done all the same is no failure", async () => {
      await set("upgradeErrorAfterWork");
      assert.equal((await step("1.1")).verdict, "passed");
      assert.deepEqual([(await content()).version, calls()], [tag, 1]);
    });
  });
});
