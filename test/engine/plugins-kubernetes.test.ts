// Semantics of helm.v3.Release and of plain objects that the design rests on (facts/experiments.md 3, 5, 6, 8), on a real
// API server, for the stand-in and the official plugin alike.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineProject, endProcesses, killAlone, type Running, type StateResource } from "./engine-project.ts";
import { writeHookChart } from "./hook-chart.ts";
import { KwokCluster } from "./kwok-cluster.ts";

interface Revision {
  revision: number;
  status: string;
  description: string;
}

describe("plugin kubernetes", function () {
  this.timeout(240_000);
  let cluster: KwokCluster;
  let project: EngineProject;
  let namespace: string;
  let tests = 0;
  const orphans: number[] = [];
  before(async () => {
    cluster = await KwokCluster.create();
  });
  after(async () => {
    await cluster.remove();
  });
  beforeEach(async () => {
    project = await EngineProject.create({ KUBECONFIG: cluster.kubeconfig });
    namespace = `test-${++tests}`;
    await cluster.kubectl("create", "namespace", namespace);
    await chart("0.1.0");
  });
  afterEach(async () => {
    endProcesses(orphans.splice(0));
    await project.remove();
  });

  const chart = (version: string, content?: string): Promise<void> => writeHookChart(project, version, content);
  const release = (values: Record<string, unknown>, extra = ""): string => `
    const app = new kubernetes.helm.v3.Release("app", {
      name: "app", namespace: "${namespace}", chart: "./chart", skipAwait: true, values: ${JSON.stringify(values)}, ${extra} });`;
  const gate = `new command.local.Command("gate", { create: "echo gate >> log", triggers: ["digest", app.status.revision] });`;
  const until = async (done: () => Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + 90_000; !(await done()); await sleep(200)) assert.ok(Date.now() < end, "waited 90 s");
  };
  const passes = async (...argv: string[]): Promise<string> => {
    const { code, output } = await project.up(...argv);
    assert.equal(code, 0, output);
    return output;
  };
  const history = async (): Promise<Revision[]> =>
    JSON.parse(await cluster.helm("history", "app", "-n", namespace, "-o", "json")) as Revision[];
  const statuses = async (): Promise<string[]> => (await history()).map(({ status }) => status);
  const tag = (): Promise<string> =>
    cluster.kubectl("get", "configmap", "app-map", "-n", namespace, "-o", "jsonpath={.data.tag}");
  const status = ({ outputs }: StateResource): Record<string, unknown> =>
    outputs?.["status"] as Record<string, unknown>;

  it("installs, does nothing on a no-op, upgrades with a visible diff, and uninstalls", async () => {
    await project.program(release({ tag: "1", deep: { list: [1, 2] } }) + gate);
    await passes();
    const installed = await project.resource("app");
    assert.equal(installed.id, `${namespace}/app`);
    assert.deepEqual(status(installed), {
      appVersion: "7",
      chart: "app",
      name: "app",
      namespace,
      revision: 1,
      status: "deployed",
      version: "0.1.0",
    });
    assert.deepEqual(installed.outputs?.["resourceNames"], { "ConfigMap/v1": ["app-map"] });
    assert.match(await passes(), /3 unchanged/);
    assert.equal((await history()).length, 1);

    await chart("0.2.0+2900");
    await project.program(release({ tag: "2", deep: { list: [1, 2] } }) + gate);
    const { output } = await project.preview();
    assert.match(output, /~ values *: \{\s*~ tag *: "1" => "2"/);
    assert.match(output, /~ version *: "0.1.0" => "0.2.0\+2900"/);
    assert.match(output, /\[1\]: 1 => \[unknown\]/);
    assert.equal(await tag(), "1");
    const updated = await passes();
    assert.match(updated, /app updating .*\[diff: ~values,version\]/);
    assert.equal(await tag(), "2");
    assert.equal(await project.read("log"), "gate\ngate\n");
    await chart("0.2.0+4200");
    assert.match(await passes(), /1 updated/);
    assert.equal(status(await project.resource("app"))["version"], "0.2.0+4200");

    const destroyed = await project.pulumi("destroy", "--yes", "--skip-preview");
    assert.equal(destroyed.code, 0, destroyed.output);
    await assert.rejects(history());
  });

  it("does not see changed content under the same version, but sees a changed description", async () => {
    await project.program(release({ tag: "1" }, `description: "sha256:d1"`));
    await passes();
    await chart("0.1.0", "second");
    assert.match(await passes(), /2 unchanged/);
    await project.program(release({ tag: "1" }, `description: "sha256:d2"`));
    assert.match((await project.preview()).output, /~ description: "sha256:d1" => "sha256:d2"/);
    await passes();
    assert.deepEqual(
      (await history()).map(({ description }) => description),
      ["sha256:d1", "sha256:d2"],
    );
    const content = await cluster.kubectl(
      "get",
      "configmap",
      "app-map",
      "-n",
      namespace,
      "-o",
      "jsonpath={.data.content}",
    );
    assert.equal(content, "second");
    const refreshed = await project.pulumi("refresh", "--yes", "--skip-preview");
    assert.match(refreshed.output, /2 unchanged/);
  });

  it("blocks on hooks under skipAwait; a failing one leaves old inputs, new outputs and an init error", async () => {
    await project.program(release({ tag: "1", hook: "good" }) + gate);
    await passes();
    await project.program(release({ tag: "2", hook: "bad" }) + gate);
    const { code, output } = await project.up();
    assert.equal(code, 1, output);
    assert.match(output, new RegExp(`Helm release "${namespace}/app" failed to initialize completely`));
    assert.match(output, /failed to become available within allocated timeout. Error: .*pre-upgrade hooks failed/);
    assert.deepEqual(await statuses(), ["deployed", "failed"]);
    assert.equal(await tag(), "1");
    const failed = await project.resource("app");
    assert.deepEqual(failed.inputs?.["values"], { tag: "1", hook: "good" });
    assert.deepEqual(failed.outputs?.["values"], { tag: "2", hook: "bad" });
    assert.equal(status(failed)["status"], "failed");
    assert.equal(failed.initErrors?.length, 1);
    assert.equal(await project.read("log"), "gate\n");

    assert.match((await project.preview()).output, /kubernetes:helm.sh\/v3:Release: \(update\)/);
    await project.program(release({ tag: "1", hook: "good" }) + gate);
    assert.match(await passes(), /app updated/);
    assert.deepEqual(await statuses(), ["superseded", "failed", "deployed"]);
    assert.equal((await project.resource("app")).initErrors, undefined);
    assert.equal(await project.read("log"), "gate\ngate\n");
  });

  it("repeats an install that its hook failed as an upgrade", async () => {
    await project.program(release({ tag: "1", hook: "bad" }));
    const first = await project.up();
    assert.equal(first.code, 1, first.output);
    assert.match(first.output, /was created, but failed to initialize completely/);
    assert.deepEqual(await statuses(), ["failed"]);
    await project.program(release({ tag: "1", hook: "good" }));
    assert.match(await passes(), /app updated/);
    assert.deepEqual(await statuses(), ["superseded", "deployed"]);
  });

  it("refuses an existing release, and adopts it by import with an upgrade in the same up", async () => {
    await cluster.helm("install", "app", `${project.folder}/chart`, "-n", namespace, "--set-string", "tag=1");
    await project.program(release({ tag: "1" }));
    const refused = await project.up();
    assert.equal(refused.code, 1);
    assert.match(refused.output, /cannot re-use a name that is still in use/);
    await assert.rejects(project.resource("app"));
    await project.program(release({ tag: "9" }).replace(/\}\);$/, `}, { import: "${namespace}/app" });`));
    await passes();
    assert.equal(await tag(), "9");
    assert.equal((await history()).length, 2);
    await project.program(release({ tag: "9" }));
    assert.match((await project.preview()).output, /2 unchanged/);
  });

  it("sees a manual rollback only after a refresh, and then puts it right", async () => {
    await project.program(release({ tag: "1" }));
    await passes();
    await project.program(release({ tag: "2" }));
    await passes();
    await cluster.helm("rollback", "app", "1", "-n", namespace);
    assert.match((await project.preview()).output, /2 unchanged/);
    const refreshed = await project.pulumi("refresh", "--yes", "--skip-preview");
    assert.match(refreshed.output, /1 updated/, refreshed.output);
    assert.equal(status(await project.resource("app"))["revision"], 3);
    assert.match((await project.preview()).output, /~ values: \{\s*~ tag: "1" => "2"/);
    await passes();
    assert.equal(await tag(), "2");
    await cluster.helm("uninstall", "app", "-n", namespace);
    assert.match((await project.pulumi("refresh", "--yes", "--skip-preview")).output, /1 deleted/);
  });

  it("says so while another operation is in progress, and leaves the state alone", async () => {
    await project.program(release({ tag: "1" }));
    await passes();
    await project.program(release({ tag: "2", hook: "bad", deadline: 30 }));
    const up: Running = project.start("up", "--yes", "--skip-preview");
    await until(async () => (await statuses()).includes("pending-upgrade"));
    orphans.push(...(await killAlone(up)));
    await project.pulumi("cancel", "--yes");
    const second = await project.up();
    assert.equal(second.code, 1);
    assert.match(second.output, /another operation \(install\/upgrade\/rollback\) is in progress/);
    assert.deepEqual((await project.resource("app")).inputs?.["values"], { tag: "1" });
    // The orphaned plugin goes on: it ends the upgrade with the hook's own result.
    await until(async () => !(await statuses()).includes("pending-upgrade"));
    assert.deepEqual(await statuses(), ["deployed", "failed"]);
  });

  it("keeps secret values as ciphertext in the state and out of the preview", async () => {
    await project.program(
      `const app = new kubernetes.helm.v3.Release("app", { name: "app", namespace: "${namespace}", chart: "./chart",
        values: { tag: pulumi.secret("canary-815"), plain: "visible" } });`,
    );
    const output = (await project.preview()).output + (await passes());
    const { deployment } = await project.deployment();
    const state = JSON.stringify(deployment);
    assert.equal(await tag(), "canary-815");
    assert.match(state, /visible/);
    assert.doesNotMatch(state + output, /canary-815/);
  });

  it("names a missing chart", async () => {
    await project.program(release({ tag: "1" }).replace("./chart", "./nowhere"));
    const { code, output } = await project.up();
    assert.notEqual(code, 0);
    assert.match(output, /"?\.\/nowhere"? not found; check the chart name and repository configuration/);
  });
});
