// Plain objects, and releases without a cluster, of plugin kubernetes on a real API server, for the stand-in and the official
// plugin alike.
import assert from "node:assert/strict";
import { EngineProject } from "./engine-project.ts";
import { writeHookChart } from "./hook-chart.ts";
import { KwokCluster } from "./kwok-cluster.ts";

describe("plugin kubernetes, plain objects", function () {
  this.timeout(240_000);
  const namespace = "objects";
  let cluster: KwokCluster;
  let project: EngineProject;
  before(async () => {
    cluster = await KwokCluster.create();
  });
  after(async () => {
    await cluster.remove();
  });
  beforeEach(async () => {
    project = await EngineProject.create({ KUBECONFIG: cluster.kubeconfig });
  });
  afterEach(async () => {
    await project.remove();
  });
  const passes = async (): Promise<string> => {
    const { code, output } = await project.up();
    assert.equal(code, 0, output);
    return output;
  };

  it("creates, changes, replaces, refreshes and deletes plain objects", async () => {
    const objects = (value: string): string => `
      const space = new kubernetes.core.v1.Namespace("space", { metadata: { name: "${namespace}-space", labels: { value: "${value}" } } });
      const inside = { namespace: space.metadata.name };
      new kubernetes.core.v1.ConfigMap("map", { metadata: { ...inside, name: "map" }, data: { value: "${value}" } });
      new kubernetes.core.v1.Secret("secret", { metadata: { ...inside, name: "secret" }, stringData: { value: "canary-${value}" } });
      const account = new kubernetes.core.v1.ServiceAccount("account", { metadata: inside });
      exports.account = account.metadata.name;`;
    await project.program(objects("one"));
    await passes();
    const of = async (kind: string, path: string): Promise<string> =>
      cluster.kubectl("get", kind, "-n", `${namespace}-space`, "-o", `jsonpath={${path}}`);
    assert.equal(await of("configmap/map", ".data.value"), "one");
    assert.match((await project.pulumi("stack", "output", "account")).output, /^account-[0-9a-f]{8}\n$/);
    assert.match(await passes(), /5 unchanged/);
    await project.program(objects("two"));
    await passes();
    assert.equal(await of("configmap/map", ".data.value"), "two");
    assert.equal(Buffer.from(await of("secret/secret", ".data.value"), "base64").toString(), "canary-two");
    assert.doesNotMatch(JSON.stringify(await project.deployment()), /canary-/);
    await cluster.kubectl("delete", "configmap", "map", "-n", `${namespace}-space`);
    assert.match((await project.pulumi("refresh", "--yes", "--skip-preview")).output, /1 deleted/);
    await passes();
    assert.equal(await of("configmap/map", ".data.value"), "two");
    const destroyed = await project.pulumi("destroy", "--yes", "--skip-preview");
    assert.equal(destroyed.code, 0, destroyed.output);
    await assert.rejects(cluster.kubectl("get", "namespace", `${namespace}-space`));
  });

  it("previews a release without a cluster, with values that are still unknown, and refuses to install it", async () => {
    await writeHookChart(project, "0.1.0");
    await project.program(`
      const before = new command.local.Command("before", { create: "echo 1" });
      new kubernetes.helm.v3.Release("app", { name: "app", chart: "./chart", values: { tag: before.stdout, deep: { fixed: "here" } } });`);
    project.environment["KUBECONFIG"] = "/nonexistent";
    const preview = await project.preview();
    assert.equal(preview.code, 0, preview.output);
    assert.match(preview.output, /fixed: "here"/);
    assert.match(preview.output, /tag *: \[unknown\]/);
    const { code, output } = await project.up();
    assert.equal(code, 1, output);
    assert.match(output, /can't create Helm Release with unreachable cluster/);
  });

  it("takes kubeconfig and namespace from an explicit provider", async () => {
    await cluster.kubectl("create", "namespace", "by-provider");
    project.environment["KUBECONFIG"] = "/nonexistent";
    await project.program(`
      const provider = new kubernetes.Provider("here", { kubeconfig: "${cluster.kubeconfig}", namespace: "by-provider" });
      new kubernetes.core.v1.ConfigMap("map", { metadata: { name: "map" }, data: { a: "b" } }, { provider });`);
    await passes();
    assert.match(await passes(), /3 unchanged/);
    assert.match(await cluster.kubectl("get", "configmaps", "-n", "by-provider"), /^map /m);
  });
});
