import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Kubernetes } from "../../clients/contracts.ts";
import { deployments, secrets } from "../../clients/kubernetes-kinds.ts";
import { redpointImageTags } from "../../sandbox/charts/redpoint-rpi.ts";
import type { Sandbox } from "../../sandbox/contracts.ts";
import { createRedpointWorld, type RedpointWorld, version6 } from "../../sandbox/redpoint/create-redpoint-world.ts";
import { dropInstallation, readInstallation } from "../../sandbox/redpoint/databases.ts";
import { onConnectionString, onSqlServer, type RedpointServer } from "../../sandbox/redpoint/servers.ts";
import { mainValues, realtimeValues } from "../../sandbox/redpoint/values.ts";
import { sandboxActivationKey } from "../../sandbox/simulators/redpoint/licence.ts";
import { redpointCalls } from "../../sandbox/simulators/redpoint/record.ts";
import { startSqlServerProcess } from "../../sandbox/sqlserver/start-sql-server.ts";
import { connectBy, until } from "./clients-world.ts";
import {
  ask,
  deployRedpoint,
  helm,
  makeRedpointWorld,
  onlyDeploymentApi,
  podsOfService,
  readyPod,
} from "./support/redpoint.ts";
import { sharedSandbox } from "./support/shared-sandbox.ts";

const upgradePath = "/api/deployment/upgrade?waitTimeoutSeconds=20";

describe("Redpoint on the sandbox", function () {
  this.timeout(240_000);
  let sandbox: Sandbox;
  let kubernetes: Kubernetes;

  const content = (world: RedpointWorld) => readInstallation(world.source, world.databases);

  before(async () => {
    sandbox = await sharedSandbox();
    kubernetes = await connectBy(sandbox.kubeconfig);
  });
  afterEach(() => sandbox.simulators.clearFaults());

  describe("both generations of the chart, on SQL Server", () => {
    let world: RedpointWorld;
    let stop = async (): Promise<void> => undefined;
    before(async () => {
      const real = process.env["CUTOVER_TEST_MSSQL"];
      let source: RedpointServer;
      if (real === undefined) {
        const folder = join(sandbox.directory, "redpoint-sql-server");
        const server = await startSqlServerProcess({ folder, sandboxDirectory: sandbox.directory });
        stop = () => server.stop();
        source = onSqlServer(server);
      } else source = onConnectionString(real);
      world = await makeRedpointWorld(sandbox, ["acme", "globex"], { source, realtimeTenants: ["acme"] });
    });
    after(async () => {
      await dropInstallation(world.source, world.databases);
      await stop();
    });
    const services = async () =>
      (await kubernetes.list(deployments, world.namespace)).map(({ metadata }) => metadata.name);

    it("7.6: eight deployments with fixed names become Ready; a pod without probes is Ready before its API", async () => {
      await sandbox.simulators.setFaults([{ application: "rpi-deploymentapi", fault: "neverReady" }]);
      const values = mainValues({ generation: "7.6", provider: "sqlserver" });
      await deployRedpoint(sandbox, { name: "rpi", namespace: world.namespace, generation: "7.6", values });
      const names = (await services()).sort();
      assert.equal(names.length, 8);
      for (const name of names) await readyPod(kubernetes, world.namespace, name);
      const pod = {
        namespace: world.namespace,
        name: await readyPod(kubernetes, world.namespace, "rpi-deploymentapi"),
      };
      assert.equal((await ask(sandbox, pod, "GET", "/health/ready")).status, 503);
      assert.equal((await ask(sandbox, pod, "GET", "/health/live")).status, 200);
      await sandbox.simulators.clearFaults();
      assert.equal((await ask(sandbox, pod, "GET", "/health/ready")).status, 200);
    });

    it("the upgrade really migrates Pulse and all tenants' databases, and the call is counted once", async () => {
      const before = await content(world);
      assert.equal(before.version, version6);
      const pod = {
        namespace: world.namespace,
        name: await readyPod(kubernetes, world.namespace, "rpi-deploymentapi"),
      };
      assert.equal((await ask(sandbox, pod, "GET", "/api/deployment/status")).body.Status, "None");
      const began = Math.floor(Date.now() / 1000) * 1000;
      const { status, body } = await ask(sandbox, pod, "GET", upgradePath);
      assert.equal(status, 200);
      assert.equal(body.Status, "LastRunComplete");
      const messages = body.Messages ?? [];
      const tag = redpointImageTags["7.6"];
      assert.ok(
        messages.some((line) => line.endsWith(`] Version before upgrade ${version6}`)),
        messages.join("\n"),
      );
      assert.ok(messages.some((line) => line.endsWith(`] Upgrading to version ${tag}`)));
      const [, at = "", last] = /^\[(.{19})\] (.*)$/.exec(messages.at(-1) ?? "") ?? [];
      assert.equal(last, "Upgrade Complete");
      assert.ok(Date.parse(`${at.replace(" ", "T")}Z`) >= began, at);

      const after = await content(world);
      assert.equal(after.version, tag);
      for (const states of Object.values(after.interactions))
        assert.deepEqual(states, ["Migrated", "Migrated", "Migrated"]);
      for (const columns of Object.values(after.auditColumns)) assert.ok(columns.includes("Origin"));
      assert.equal(Object.keys(after.interactions).length, 2);
      assert.deepEqual(after.settings, before.settings);
      const calls = redpointCalls(sandbox.directory, { namespace: world.namespace, request: "upgrade" });
      assert.deepEqual(
        calls.map((call) => [call.pod, call.imageTag]),
        [[pod.name, tag]],
      );
    });

    it("the licence: a wrong key is refused, the right one is kept", async () => {
      const pod = {
        namespace: world.namespace,
        name: await readyPod(kubernetes, world.namespace, "rpi-deploymentapi"),
      };
      const activate = (ActivationKey: string) =>
        ask(sandbox, pod, "POST", "/api/licensing/activatelicense", { ActivationKey, SystemName: "sandbox" });
      assert.equal((await activate("RPI7-NOPE")).status, 400);
      assert.equal((await ask(sandbox, pod, "GET", "/api/licensing/status")).body.IsActivated, false);
      await sandbox.simulators.setFaults([{ application: "rpi-deploymentapi", fault: "licenceRefused" }]);
      const refused = await activate(sandboxActivationKey);
      assert.equal(refused.status, 400);
      assert.ok(!refused.text.includes(sandboxActivationKey));
      await sandbox.simulators.clearFaults();
      assert.equal((await activate(sandboxActivationKey)).status, 200);
      assert.equal((await ask(sandbox, pod, "GET", "/api/licensing/status")).body.IsActivated, true);
    });

    it("7.7 by helm upgrade of the same release: new pods, an old LastRunComplete until the next call, then 7.6 -> 7.7", async () => {
      const values = mainValues({ generation: "7.7", provider: "sqlserver" });
      await deployRedpoint(sandbox, { name: "rpi", namespace: world.namespace, generation: "7.7", values });
      const tag = redpointImageTags["7.7"];
      for (const name of await services()) await readyPod(kubernetes, world.namespace, name, tag);
      const name = await readyPod(kubernetes, world.namespace, "rpi-deploymentapi", tag);
      const pod = { namespace: world.namespace, name };
      const old = await ask(sandbox, pod, "GET", "/api/deployment/status");
      assert.equal(old.body.Status, "LastRunComplete");
      assert.ok(old.text.includes(redpointImageTags["7.6"]) && !old.text.includes(tag));
      const { body } = await ask(sandbox, pod, "GET", upgradePath);
      assert.equal(body.Status, "LastRunComplete");
      assert.ok(body.Messages?.some((line) => line.endsWith(`Version before upgrade ${redpointImageTags["7.6"]}`)));
      assert.equal((await content(world)).version, tag);
      assert.equal(redpointCalls(sandbox.directory, { namespace: world.namespace, request: "upgrade" }).length, 2);
    });

    it("a realtime tenant's release has its own namespace: beside the main release Helm refuses it", async () => {
      const values = realtimeValues(
        { generation: "7.7", provider: "sqlserver" },
        "11111111-2222-3333-4444-555555555555",
      );
      const release = { name: "rpi-realtime-acme", generation: "7.7" as const, values };
      await assert.rejects(
        deployRedpoint(sandbox, { ...release, namespace: world.namespace }),
        /invalid ownership metadata/,
      );
      const namespace = world.realtimeNamespaces["acme"] ?? "";
      await deployRedpoint(sandbox, { ...release, namespace });
      const pod = { namespace, name: await readyPod(kubernetes, namespace, "rpi-realtimeapi") };
      const { body } = await ask(sandbox, pod, "GET", "/api/v2/system/version");
      assert.equal(body.Version, redpointImageTags["7.7"]);
      assert.equal((await kubernetes.list(deployments, namespace)).length, 1);
    });

    it("logs and exec still reach the pods through the nodes' door", async () => {
      const name = await readyPod(kubernetes, world.namespace, "rpi-deploymentapi");
      const log = await kubernetes.logTail(world.namespace, name, "rpi-deploymentapi", 20);
      assert.ok(
        log.some((line) => line.endsWith("Upgrade Complete")),
        log.join("\n"),
      );
      const { exitCode } = await kubernetes.exec(world.namespace, name, undefined, ["sh", "-c", "exit 3"], {
        timeoutMilliseconds: 20_000,
      });
      assert.equal(exitCode, 3);
    });

    it("port-forward as kubectl makes it (SPDY in a WebSocket) reaches the API too; the Service's port is no port of the pod", async () => {
      const pod = await readyPod(kubernetes, world.namespace, "rpi-interactionapi");
      const kubectl = spawn("kubectl", ["port-forward", "-n", world.namespace, `pod/${pod}`, ":8080", ":80"], {
        env: sandbox.environment,
        stdio: ["ignore", "pipe", "ignore"],
      });
      try {
        const local = new Map<string, string>();
        for await (const line of createInterface({ input: kubectl.stdout })) {
          const [, from = "", to = ""] = /127\.0\.0\.1:(\d+) -> (\d+)/.exec(line) ?? [];
          if (to !== "") local.set(to, from);
          if (local.size === 2) break;
        }
        assert.equal((await fetch(`http://127.0.0.1:${local.get("8080")}/health/ready`)).status, 200);
        await assert.rejects(fetch(`http://127.0.0.1:${local.get("80")}/health/ready`));
      } finally {
        kubectl.kill();
        await once(kubectl, "exit");
      }
    });
  });

  it("7.7: a pod whose Secret lacks a key does not start, and says which", async () => {
    const world = await makeRedpointWorld(sandbox, ["acme"]);
    await kubernetes.patch(secrets, world.namespace, "redpoint-rpi-secrets", {
      data: { Operations_Database_Server_Password: null },
    });
    const values = { ...mainValues({ generation: "7.7", provider: "postgresql" }), ...onlyDeploymentApi };
    await deployRedpoint(sandbox, { name: "rpi", namespace: world.namespace, generation: "7.7", values });
    const message = await until(async () => {
      const [pod] = await podsOfService(kubernetes, world.namespace, "rpi-deploymentapi");
      return /couldn't find key \w+/.exec(JSON.stringify(pod?.status ?? {}))?.[0];
    });
    assert.equal(message, "couldn't find key Operations_Database_Server_Password");
  });

  it("7.7: the upgrade Job is no hook, calls by itself, and again after a failure", async () => {
    const world = await makeRedpointWorld(sandbox, ["acme"]);
    await sandbox.simulators.setFaults([
      { application: "rpi-deploymentapi", namespace: world.namespace, fault: "upgradeErrorBeforeWork" },
    ]);
    const values = {
      ...mainValues({ generation: "7.7", provider: "postgresql" }),
      ...onlyDeploymentApi,
      databaseUpgrade: { enabled: true, waitTimeoutSeconds: 20 },
    };
    await deployRedpoint(sandbox, { name: "rpi", namespace: world.namespace, generation: "7.7", values });
    assert.equal((await helm(sandbox, "get", "hooks", "rpi", "-n", world.namespace)).trim(), "");
    const calls = () => redpointCalls(sandbox.directory, { namespace: world.namespace, request: "upgrade" }).length;
    await until(async () => (calls() === 1 ? true : null));
    assert.equal((await content(world)).version, version6);
    await sandbox.simulators.clearFaults();
    await until(async () => ((await content(world)).version === redpointImageTags["7.7"] ? true : null));
    assert.equal(calls(), 2);
  });

  it("a clone whose connections still lead to v6: the upgrade migrates v6's own databases", async () => {
    const original = await makeRedpointWorld(sandbox, ["acme"]);
    // Pulse alone is copied; the rows in it are what they were.
    const clone = await createRedpointWorld({
      sandbox,
      source: original.source,
      prefix: "clone-",
      tenants: ["acme"],
      installation: {
        prefix: "clone_",
        pulse: "clone_Pulse",
        logging: "clone_Pulse_Logging",
        realtime: false,
        connectionTo: (database) =>
          original.installation.connectionTo(database.replace("clone_", original.installation.prefix ?? "")),
      },
    });
    const values = { ...mainValues({ generation: "7.7", provider: "postgresql" }), ...onlyDeploymentApi };
    await deployRedpoint(sandbox, { name: "rpi", namespace: clone.namespace, generation: "7.7", values });
    const pod = { namespace: clone.namespace, name: await readyPod(kubernetes, clone.namespace, "rpi-deploymentapi") };
    assert.equal((await ask(sandbox, pod, "GET", upgradePath)).body.Status, "LastRunComplete");
    const hit = await content(original);
    assert.equal(hit.version, version6);
    assert.deepEqual(Object.values(hit.interactions), [["Migrated", "Migrated", "Migrated"]]);
    assert.deepEqual(Object.values((await content(clone)).interactions), [["Active", "Draft", "Completed"]]);
  });
});
