import assert from "node:assert/strict";
import type { Kubernetes } from "../../clients/contracts.ts";
import { pods } from "../../clients/kubernetes-kinds.ts";
import { redpointImageTags } from "../../sandbox/charts/redpoint-rpi.ts";
import type { Fault, Sandbox } from "../../sandbox/contracts.ts";
import { type RedpointWorld, version6 } from "../../sandbox/redpoint/create-redpoint-world.ts";
import { readInstallation } from "../../sandbox/redpoint/databases.ts";
import { mainValues } from "../../sandbox/redpoint/values.ts";
import { redpointCalls } from "../../sandbox/simulators/redpoint/record.ts";
import { wrongVersion } from "../../sandbox/simulators/redpoint/upgrade-work.ts";
import { connectBy, until } from "./clients-world.ts";
import {
  ask,
  deployRedpoint,
  endedRun,
  isReady,
  makeRedpointWorld,
  onlyDeploymentApi,
  podsOfService,
  readyPod,
} from "./support/redpoint.ts";
import { sharedSandbox } from "./support/shared-sandbox.ts";

const upgradePath = "/api/deployment/upgrade?waitTimeoutSeconds=20";

describe("faults of Redpoint's deployment API, on PostgreSQL", function () {
  this.timeout(240_000);
  const tag = redpointImageTags["7.7"];
  let sandbox: Sandbox;
  let kubernetes: Kubernetes;
  let world: RedpointWorld;
  let pod: { namespace: string; name: string };
  const set = (fault: Fault["fault"], milliseconds?: number) =>
    sandbox.simulators.setFaults([
      {
        application: "rpi-deploymentapi",
        namespace: world.namespace,
        fault,
        ...(milliseconds === undefined ? {} : { milliseconds }),
      },
    ]);
  const upgrade = (path = upgradePath) => ask(sandbox, pod, "GET", path);
  const calls = () => redpointCalls(sandbox.directory, { pod: pod.name, request: "upgrade" }).length;
  const states = async () => Object.values((await content(world)).interactions);

  const content = (of: RedpointWorld) => readInstallation(of.source, of.databases);

  before(async () => {
    sandbox = await sharedSandbox();
    kubernetes = await connectBy(sandbox.kubeconfig);
  });
  beforeEach(async () => {
    world = await makeRedpointWorld(sandbox, ["acme", "globex"]);
    const values = { ...mainValues({ generation: "7.7", provider: "postgresql" }), ...onlyDeploymentApi };
    await deployRedpoint(sandbox, { name: "rpi", namespace: world.namespace, generation: "7.7", values });
    pod = { namespace: world.namespace, name: await readyPod(kubernetes, world.namespace, "rpi-deploymentapi") };
  });
  afterEach(async () => {
    await sandbox.simulators.clearFaults();
    assert.equal(calls(), 1);
  });

  it("slower than waitTimeoutSeconds: the answer says it is under way, the status later that it ended", async () => {
    await set("upgradeSlow", 1500);
    const { body } = await upgrade("/api/deployment/upgrade?waitTimeoutSeconds=0.2");
    assert.equal(body.Status, "InProgress");
    assert.equal((await content(world)).version, version6);
    assert.equal((await endedRun(sandbox, pod)).status, "LastRunComplete");
    assert.equal((await content(world)).version, tag);
  });

  it("answers late: the work ends before the call is answered", async () => {
    await set("upgradeAnswersLate", 3000);
    let answered = false;
    const call = upgrade().then((answer) => {
      answered = true;
      return answer;
    });
    await until(async () => (calls() === 1 ? true : null));
    assert.equal((await endedRun(sandbox, pod)).status, "LastRunComplete");
    assert.equal(answered, false);
    assert.equal((await call).body.Status, "LastRunComplete");
  });

  it("500 before the work: nothing is touched", async () => {
    await set("upgradeErrorBeforeWork");
    assert.equal((await upgrade()).status, 500);
    assert.equal((await ask(sandbox, pod, "GET", "/api/deployment/status")).body.Status, "None");
    assert.equal((await content(world)).version, version6);
  });

  it("500 after the work: everything is migrated", async () => {
    await set("upgradeErrorAfterWork");
    assert.equal((await upgrade()).status, 500);
    assert.equal((await content(world)).version, tag);
    assert.equal((await endedRun(sandbox, pod)).status, "LastRunComplete");
  });

  it("LastRunFailed: half of it is done, Pulse is still v6", async () => {
    await set("upgradeFails");
    assert.equal((await upgrade()).body.Status, "LastRunFailed");
    assert.equal((await content(world)).version, version6);
    assert.deepEqual(
      (await states()).map((list) => list[0]),
      ["Migrated", "Active"],
    );
    assert.match((await endedRun(sandbox, pod)).messages.at(-1) ?? "", /Upgrade failed: Execution Timeout/);
  });

  it("an old LastRunComplete: call and status show it, nothing is done; with a time the work begins after it", async () => {
    await set("upgradeOldStatus");
    const { body } = await upgrade();
    assert.equal(body.Status, "LastRunComplete");
    assert.match(body.Messages?.at(-1) ?? "", /^\[2026-02-03 04:05:06\] Upgrade Complete$/);
    assert.equal((await ask(sandbox, pod, "GET", "/api/deployment/status")).text, JSON.stringify(body));
    assert.equal((await content(world)).version, version6);
  });

  it("an old LastRunComplete for a while, then the work", async () => {
    await set("upgradeOldStatus", 1000);
    assert.match((await upgrade()).body.Messages?.at(-1) ?? "", /^\[2026-02-03/);
    await until(async () => ((await content(world)).version === tag ? true : null));
    assert.equal((await endedRun(sandbox, pod)).status, "LastRunComplete");
  });

  it("the connection is cut and the work goes on", async () => {
    await set("upgradeConnectionCut");
    await assert.rejects(upgrade());
    assert.equal((await endedRun(sandbox, pod)).status, "LastRunComplete");
    assert.equal((await content(world)).version, tag);
  });

  it("the connection is cut and the work stops: the status stays in progress, one database is migrated", async () => {
    await set("upgradeConnectionCutAndStopped");
    await assert.rejects(upgrade());
    const first = await ask(sandbox, pod, "GET", "/api/deployment/status");
    assert.equal(first.body.Status, "InProgress");
    assert.deepEqual(
      (await states()).map((list) => list[0]),
      ["Migrated", "Active"],
    );
    assert.equal((await ask(sandbox, pod, "GET", "/api/deployment/status")).text, first.text);
  });

  it("another version at the end", async () => {
    await set("upgradeWrongVersion");
    const { body } = await upgrade();
    assert.equal(body.Status, "LastRunComplete");
    assert.ok(body.Messages?.some((line) => line.endsWith(`Upgrading to version ${wrongVersion}`)));
    assert.equal((await content(world)).version, wrongVersion);
  });

  it("the process ends in the middle: its run is forgotten, a new pod shows no run", async () => {
    await set("upgradeSlow", 60_000);
    const call = upgrade().catch((error: unknown) => error);
    await until(async () => (calls() === 1 ? true : null));
    await kubernetes.delete(pods, pod.namespace, pod.name);
    assert.ok((await call) instanceof Error);
    const name = await until(async () => {
      const found = await podsOfService(kubernetes, pod.namespace, "rpi-deploymentapi");
      return found.length === 1 && isReady(found[0]) ? found[0]?.metadata.name : null;
    });
    const { body } = await ask(sandbox, { ...pod, name }, "GET", "/api/deployment/status");
    assert.equal(body.Status, "None");
    assert.equal((await content(world)).version, version6);
  });
});
