import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { OperationalDatabases } from "../../model/operational-databases.ts";
import type { PreflightSpec } from "../../model/step-specs.ts";
import { giveFolder } from "../../sandbox/ssh/login-user.ts";
import type { StepContext } from "../../steps/context.ts";
import { checksFor } from "../../steps/preflight/checks/groups.ts";
import { preflightContext } from "../../steps/preflight/context.ts";
import type { CheckResult } from "../../steps/preflight/contract.ts";
import { runChecks } from "../../steps/preflight/run-checks.ts";
import { contextOf, service } from "../unit/preflight/situation.ts";
import { openNodes, type NodesBench } from "./support/nodes.ts";
import { openOperationalBench, type OperationalBench } from "./support/operational-bench.ts";
import {
  dropDatabases,
  installRedpoint,
  onServer,
  runBackupStep,
  runCloneStep,
  serverAt,
  settingsOf,
  statements,
} from "./support/operational-sql.ts";
import { isRealSqlServer, sqlServerForTests, standInTest, type TestSqlServer } from "./support/sql-server.ts";

/** Runs the checks of these groups as preflight does; by name. */
async function preflight(
  step: StepContext,
  more: Partial<PreflightSpec>,
): Promise<Map<string, CheckResult & { text: string }>> {
  const { spec } = contextOf({ services: [service("rpi", "v7.6")], spec: more, guards: {} });
  const context = preflightContext(step, spec, { backend: null, skipsCheckpoints: false });
  const names = new Set(["operationalDatabases", "nodes"].flatMap((group) => groupNames(group)));
  const checks = checksFor(["operationalDatabases", "nodes"]).filter((check) => names.has(check.name));
  const runs = await runChecks(checks, context);
  return new Map(
    runs.map(({ check, result }) => [
      check.name,
      { ...result, text: [result.code ?? "", result.summary, ...result.evidence, result.next ?? ""].join("\n") },
    ]),
  );
}

function groupNames(group: string): string[] {
  const general = new Set(checksFor([]).map(({ name }) => name));
  return checksFor([group]).flatMap(({ name }) => (general.has(name) ? [] : [name]));
}

const verdicts = (found: Map<string, CheckResult>, ...names: string[]): string[] =>
  names.map((name) => found.get(name)?.verdict ?? "absent");

describe("preflight of the operational databases, on SQL Server", function () {
  this.timeout(120_000);
  let v6: TestSqlServer;
  let staging: TestSqlServer;
  let bench: OperationalBench;
  const platformSteps = ["quiesce", "backup", "clone"];
  const cloneTo = (changes: Record<string, unknown> = {}): OperationalDatabases =>
    settingsOf(v6, {
      ...{
        mode: "clone",
        source: serverAt("v6", v6),
        server: serverAt("staging", staging),
        tenantConnections: statements,
      },
      ...changes,
    });
  const ask = (settings: OperationalDatabases, more: Partial<PreflightSpec> = {}) =>
    preflight(bench.context({ step: "preflight" }), {
      ...{ operationalDatabases: settings, platformSteps, thirdParties: { sqlserver: { minimum: "15" } } },
      ...more,
    });

  before(async () => {
    v6 = await sqlServerForTests({ majorVersion: 15 });
    await sleep(50);
    staging = isRealSqlServer ? v6 : await sqlServerForTests();
    await installRedpoint(v6);
  });
  after(async () => {
    await v6.stop();
    if (staging !== v6) await staging.stop();
  });
  beforeEach(async () => {
    bench = await openOperationalBench({
      v6: v6.connectionString("Pulse"),
      staging: staging.connectionString("Pulse"),
      copy: v6.connectionString("v7_Pulse"),
    });
    await bench.begin("1.1");
  });
  afterEach(async () => {
    await bench.close();
    for (const server of [v6, staging]) await server.standIn?.faults.clear();
    if (staging !== v6) await dropDatabases(staging, () => true);
  });

  it("in place: everything that the backup needs is there", async () => {
    const found = await ask(settingsOf(v6, {}));
    const names = ["databases", "database-server-version", "platform-database-rights", "backup-place", "clone-targets"];
    assert.deepEqual(verdicts(found, ...names), ["passed", "passed", "passed", "passed", "skipped"]);
    assert.match(
      found.get("databases")?.text ?? "",
      /8 databases of 2 tenants[^]*InteractionAudit_acme: audit of acme/,
    );
  });

  it("a server that is too old for the release set is refused", async () => {
    const found = await ask(settingsOf(v6, {}), { thirdParties: { sqlserver: { minimum: "99" } } });
    assert.match(found.get("database-server-version")?.text ?? "", /is not allowed[^]*wanted: /);
  });

  it("a tenant that has to be there and is not stops the run, by name", async () => {
    const found = await ask(settingsOf(v6, { tenants: ["acme", "gone"] }));
    assert.equal(found.get("databases")?.verdict, "failed");
    assert.match(
      found.get("databases")?.text ?? "",
      /tenant gone: Interaction_gone with InteractionAudit_gone is not there/,
    );
  });

  standInTest(
    "a second server",
    "clones: a name that somebody else's database has is refused; what this run made is not",
    async () => {
      const free = await ask(cloneTo());
      assert.deepEqual(
        verdicts(free, "databases", "clone-targets"),
        ["passed", "passed"],
        free.get("clone-targets")?.text,
      );
      await onServer(staging, "master", "CREATE DATABASE [Interaction_acme]");
      const taken = await ask(cloneTo());
      assert.equal(taken.get("clone-targets")?.verdict, "failed");
      assert.match(taken.get("clone-targets")?.text ?? "", /a database Interaction_acme exists on the clones' server/);
      await dropDatabases(staging, () => true);
      await runBackupStep(bench, cloneTo());
      const { receipt } = await runCloneStep(bench, cloneTo());
      assert.equal(receipt.verdict, "passed");
      const again = await ask(cloneTo());
      assert.match(again.get("clone-targets")?.text ?? "", /this run has made its clones/);
    },
  );

  it("clones beside their source need the tenants' connections rewritten", async () => {
    const beside = { server: serverAt("copy", v6), clone: { name: "v7_${database}" }, tenantConnections: undefined };
    const found = await ask(cloneTo(beside));
    assert.equal(found.get("clone-targets")?.verdict, "failed");
    assert.match(
      found.get("clone-targets")?.text ?? "",
      /on the same server[^]*Use another server, or configure tenantConnections/,
    );
  });

  standInTest(
    "a login without rights",
    "rights that the backup or a clone needs are asked for before anything is stopped",
    async () => {
      const { user } = v6;
      await v6.standIn?.faults.set([{ fault: "permissionMissing", permission: "CREATE DATABASE", user }]);
      const found = await ask(settingsOf(v6, {}));
      assert.equal(
        found.get("platform-database-rights")?.verdict,
        "failed",
        found.get("platform-database-rights")?.text,
      );
      assert.match(found.get("platform-database-rights")?.text ?? "", /CUT-5411[^]*CREATE DATABASE/);
    },
  );

  it("a server that does not answer could not be judged, and no password is shown", async () => {
    const gone = await openOperationalBench({
      v6: `Server=tcp:127.0.0.1,1;Database=Pulse;User ID=a;Password=canary-6612;`,
    });
    try {
      await gone.begin("1.1");
      const spec = { operationalDatabases: settingsOf(v6, {}), platformSteps };
      const found = await preflight(gone.context({ step: "preflight" }), spec);
      assert.equal(found.get("databases")?.verdict, "errored");
      for (const { text } of found.values()) assert.doesNotMatch(text, /canary-6612/);
    } finally {
      await gone.close();
    }
  });
});

describe("preflight of the nodes, over a real SSH server", function () {
  this.timeout(120_000);
  let bench: NodesBench;
  const ask = (more: Partial<PreflightSpec> = {}) =>
    preflight(
      { ...bench.context, ledger: () => Promise.resolve({ pages: () => Promise.resolve([]) } as never) },
      { platformSteps: ["quiesce", "backup"], nodes: bench.settings, procedure: bench.procedure, ...more },
    );
  const names = ["node-procedure", "nodes-reachable", "node-folders"];
  before(async () => {
    bench = await openNodes("rpi-1", "rpi-2");
    for (const one of bench.nodes) await giveFolder(one.sshd.login, one.home);
  });
  after(() => bench.close());

  it("nodes that answer and can be read pass, and nothing was run on them but questions", async () => {
    const found = await ask();
    assert.deepEqual(
      verdicts(found, ...names),
      ["passed", "passed", "passed"],
      [...found.values()].map(({ text }) => text).join("\n"),
    );
    assert.match(found.get("nodes-reachable")?.text ?? "", /rpi-1: running\nrpi-2: running/);
    for (const node of bench.nodes) assert.ok(!node.calls().some((call) => ["stop", "enter"].includes(call)));
  });

  it("an unknown host key stops the run", async () => {
    const [first, second] = bench.settings;
    assert.ok(first !== undefined && second !== undefined);
    const found = await ask({ nodes: [{ ...first, hostKey: second.hostKey }] });
    assert.equal(found.get("nodes-reachable")?.verdict, "failed");
    assert.match(found.get("nodes-reachable")?.text ?? "", /CUT-43\d\d/);
  });

  it("a folder that is not there, and one that may not be entered, are named", async () => {
    const [first] = bench.settings;
    const folders = bench.nodes[0]?.folders ?? [];
    assert.ok(first !== undefined && folders[0] !== undefined);
    const gone = await ask({ nodes: [{ ...first, folders: ["/no/such/folder"] }] });
    assert.match(gone.get("node-folders")?.text ?? "", /rpi-1[^]*\/no\/such\/folder/);
    const closed = `${folders[0]}/Plugins`;
    chmodSync(closed, 0o000);
    execFileSync("chown", ["0:0", closed]);
    try {
      const found = await ask();
      assert.equal(found.get("node-folders")?.verdict, "failed", found.get("node-folders")?.text);
      assert.match(found.get("node-folders")?.text ?? "", /rpi-1: .*Plugins/);
    } finally {
      const node = bench.nodes[0];
      chmodSync(closed, 0o755);
      if (node !== undefined) await giveFolder(node.sshd.login, node.home);
    }
  });
});
