import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fault } from "../../../sandbox/contracts.ts";
import type { Stage } from "../../../sandbox/simulators/application.ts";
import { FaultBoard, parseFaults } from "../../../sandbox/simulators/fault-board.ts";
import { applicationAnnotation, type Pod } from "../../../sandbox/simulators/pod.ts";
import { redpointApplication, RedpointApplication } from "../../../sandbox/simulators/redpoint/application.ts";
import { DeploymentApi } from "../../../sandbox/simulators/redpoint/deployment-api.ts";
import { licenceProblem, sandboxActivationKey } from "../../../sandbox/simulators/redpoint/licence.ts";
import { upgradeStatements } from "../../../sandbox/simulators/redpoint/migration.ts";
import { forwardedPod } from "../../../sandbox/simulators/redpoint/node-door.ts";
import { redpointCalls } from "../../../sandbox/simulators/redpoint/record.ts";
import { runMessage } from "../../../sandbox/simulators/redpoint/run.ts";
import { defaultTimings } from "../../../sandbox/simulators/settings.ts";

interface Body {
  Status: string;
  Messages: string[];
}

function redpointPod(probePath?: string): Pod {
  const probe = probePath === undefined ? {} : { readinessProbe: { httpGet: { path: probePath } } };
  return {
    metadata: {
      name: "rpi-deploymentapi-1",
      namespace: "rpi",
      uid: "1",
      annotations: { [applicationAnnotation]: "rpi-deploymentapi" },
    },
    spec: {
      nodeName: "node",
      containers: [{ name: "rpi-deploymentapi", image: "r/rpi-deploymentapi:7.7.1", ...probe }],
    },
  };
}

describe("the simulated deployment API", () => {
  const directory = mkdtempSync(join(tmpdir(), "cutover-redpoint-"));
  const faults = new FaultBoard();
  const process = new AbortController();
  const stage = {
    pod: redpointPod(),
    directory,
    faults,
    timings: { ...defaultTimings, migrationChunk: 1 },
    log: () => undefined,
    note: () => undefined,
  } as unknown as Stage;
  const api = () => new DeploymentApi(stage, {}, process.signal);
  const call = async (method: string, path: string, body = "") => {
    const url = new URL(path, "http://pod");
    return api().answer({ method, path: url.pathname, query: url.searchParams, body });
  };
  after(() => rmSync(directory, { recursive: true }));
  afterEach(() => faults.set([]));

  it("shows no run before the first, and a run that cannot work as failed, also to the next process", async () => {
    const before = await call("GET", "/api/deployment/status");
    assert.ok(before !== null && before !== "cut");
    assert.equal((before.body as Body).Status, "None");
    const answer = await call("GET", "/api/deployment/upgrade?waitTimeoutSeconds=5");
    assert.ok(answer !== null && answer !== "cut");
    const { Status, Messages } = answer.body as Body;
    assert.equal(Status, "LastRunFailed");
    assert.match(Messages.at(-1) ?? "", /Upgrade failed: the connection string has no host$/);
    assert.deepEqual(await call("GET", "/api/deployment/status"), answer);
  });

  it("keeps every call, also one that was answered with 500 before any work", async () => {
    const count = () => redpointCalls(directory, { namespace: "rpi", request: "upgrade" }).length;
    const before = count();
    faults.set([{ application: "rpi-deploymentapi", fault: "upgradeErrorBeforeWork" }]);
    const answer = await call("GET", "/api/deployment/upgrade");
    assert.ok(answer !== null && answer !== "cut");
    assert.equal(answer.status, 500);
    assert.equal(count(), before + 1);
    assert.equal(redpointCalls(directory, { namespace: "elsewhere" }).length, 0);
  });

  it("an upgrade is begun by GET only, other paths are not its own", async () => {
    assert.equal(await call("POST", "/api/deployment/upgrade"), null);
    assert.equal(await call("GET", "/api/deployment/installcluster"), null);
  });

  it("activates a licence with a key of the sandbox's form", async () => {
    const body = (ActivationKey: unknown, SystemName: unknown) => JSON.stringify({ ActivationKey, SystemName });
    assert.equal(licenceProblem(body(sandboxActivationKey, "dev")), null);
    assert.match(licenceProblem(body("RPI7-lower-case", "dev")) ?? "", /not valid/);
    assert.match(licenceProblem(body(sandboxActivationKey, "")) ?? "", /SystemName/);
    assert.match(licenceProblem("{") ?? "", /JSON/);
    assert.deepEqual(await call("GET", "/api/licensing/status"), { status: 200, body: { IsActivated: false } });
    await call("POST", "/api/licensing/activatelicense", body(sandboxActivationKey, "dev"));
    assert.deepEqual(await call("GET", "/api/licensing/status"), { status: 200, body: { IsActivated: true } });
  });

  it("writes messages as the vendor does: seconds, UTC", () => {
    assert.equal(
      runMessage(new Date("2024-10-09T17:22:49.987Z"), "Upgrade starting"),
      "[2024-10-09 17:22:49] Upgrade starting",
    );
  });

  it("a pod is Ready as soon as it runs unless its probe asks for more", () => {
    const application = new RedpointApplication("rpi-deploymentapi");
    assert.equal(application.readyWhenRunning(redpointPod()), true);
    assert.equal(application.readyWhenRunning(redpointPod("/health/live")), true);
    assert.equal(application.readyWhenRunning(redpointPod("/health/ready")), false);
  });

  it("plays the chart's pods and no others; its faults are known", () => {
    assert.ok(redpointApplication("rpi-realtimeapi") instanceof RedpointApplication);
    assert.equal(redpointApplication("rpi-db-upgrade")?.finishes, true);
    assert.equal(redpointApplication("gim"), null);
    const wanted: Fault[] = [{ application: "rpi-deploymentapi", fault: "upgradeConnectionCut" }];
    assert.deepEqual(parseFaults(JSON.stringify(wanted)), wanted);
    assert.throws(() => parseFaults('[{"application":"rpi-nothing","fault":"slow"}]'));
  });
});

describe("the simulated migration", () => {
  const versions = { from: "6.7.24250", to: "7.6.1" };

  it("6.x to 7.x changes Pulse and tenants, 7.x to 7.x only the version, and the same version nothing", () => {
    const operational = { name: "Interaction_a", role: "operational" as const };
    const pulse = { name: "Pulse", role: "pulse" as const };
    assert.ok(upgradeStatements(operational, versions, "sqlserver").some((text) => text.startsWith("ALTER TABLE")));
    assert.ok(upgradeStatements(pulse, versions, "sqlserver").some((text) => text.startsWith("CREATE TABLE")));
    const minor = { from: "7.6.1", to: "7.7.1" };
    assert.deepEqual(upgradeStatements(operational, minor, "sqlserver"), []);
    assert.deepEqual(upgradeStatements(pulse, minor, "postgresql"), [
      `INSERT INTO dbo."rpi_Upgrade" VALUES ('7.6.1', '7.7.1')`,
      `UPDATE dbo."rpi_Cluster" SET "Version" = '7.7.1'`,
    ]);
    assert.deepEqual(upgradeStatements(pulse, { from: "7.7.1", to: "7.7.1" }, "sqlserver"), []);
  });
});

describe("the simulated nodes' door", () => {
  it("knows port-forwards that have one connection for themselves", () => {
    const head = (line: string): string => `${line} HTTP/1.1\r\nHost: localhost\r\n`;
    assert.equal(forwardedPod(head("GET /portForward/rpi/rpi-deploymentapi-1?port=8080")), "rpi/rpi-deploymentapi-1");
    assert.equal(forwardedPod(head("GET /portForward/rpi/pod/uid-1?port=8080")), "rpi/pod");
    assert.equal(forwardedPod(head("POST /portForward/rpi/pod")), null);
    assert.equal(forwardedPod(head("GET /containerLogs/rpi/pod/container?follow=true")), null);
    assert.equal(forwardedPod(head("POST /exec/rpi/pod/container?command=ls&port=1")), null);
  });
});
