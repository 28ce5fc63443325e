import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Helm, Kubernetes } from "../../clients/contracts.ts";
import { createHelm } from "../../clients/helm.ts";
import { decodeRecord, encodeRecord } from "../../clients/helm-record.ts";
import { askKafka } from "../../clients/kafka.ts";
import { deployments, secrets } from "../../clients/kubernetes-kinds.ts";
import { runProcess } from "../../clients/process.ts";
import { CutoverError } from "../../model/error.ts";
import { checkHealthNow } from "../../steps/gates/index.ts";
import { connectBy, makeNamespace, until, withEnvironment } from "./clients-world.ts";
import { sharedSandbox } from "./support/shared-sandbox.ts";

const template = `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ required "replicas is wanted" .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: main, image: "registry.example/app:1"}]}
`;

describe("Helm client on real releases", function () {
  this.timeout(300_000);
  let kubernetes: Kubernetes;
  let helm: Helm;
  let namespace: string;
  let chart: string;
  let restore: () => void;
  const cli = async (...parameters: string[]) => {
    const result = await runProcess(["helm", ...parameters, "-n", namespace]);
    return { exitCode: result.exitCode, text: result.stdout + result.stderr };
  };

  before(async () => {
    const sandbox = await sharedSandbox();
    restore = withEnvironment({ KUBECONFIG: sandbox.kubeconfig, PATH: sandbox.environment["PATH"] ?? "" });
    kubernetes = await connectBy(sandbox.kubeconfig);
    namespace = await makeNamespace(kubernetes, "clients-helm");
    helm = createHelm(kubernetes, { cacheFolder: join(sandbox.directory, "rendered") });
    const folder = join(sandbox.directory, "clients-chart", "app");
    await mkdir(join(folder, "templates"), { recursive: true });
    await writeFile(
      join(folder, "Chart.yaml"),
      "apiVersion: v2\nname: app\nversion: 0.1.0+7\nkubeVersion: '>=1.30.0'\n",
    );
    await writeFile(join(folder, "templates/app.yaml"), template);
    const packed = await runProcess(["helm", "package", folder, "-d", join(sandbox.directory, "clients-chart")]);
    assert.equal(packed.exitCode, 0, packed.stderr);
    chart = join(sandbox.directory, "clients-chart", "app-0.1.0+7.tgz");
  });
  after(() => {
    restore();
  });

  it("reads the history, newest first", async () => {
    assert.deepEqual(await helm.history(namespace, "app"), []);
    for (const replicas of [1, 2]) {
      const done = await cli("upgrade", "--install", "app", chart, "--set", `replicas=${replicas}`);
      assert.equal(done.exitCode, 0, done.text);
    }
    const history = await helm.history(namespace, "app");
    assert.deepEqual(
      history.map((revision) => [revision.revision, revision.status, revision.chartVersion, revision.values]),
      [
        [2, "deployed", "0.1.0+7", { replicas: 2 }],
        [1, "superseded", "0.1.0+7", { replicas: 1 }],
      ],
    );
    assert.match(history[0]?.manifest ?? "", /kind: Deployment/);
  });

  it("unlocks a stale pending release, so that the next upgrade works", async () => {
    const name = "sh.helm.release.v1.app.v2";
    const record = await kubernetes.get(secrets, namespace, name);
    assert.ok(record !== null);
    await assert.rejects(
      helm.unlock(namespace, "app", 2),
      (error) => error instanceof CutoverError && error.details.code === "CUT-4104",
    );
    const pending = decodeRecord(record).replace('"status":"deployed"', '"status":"pending-upgrade"');
    const labels = { ...record.metadata.labels, status: "pending-upgrade" };
    await kubernetes.patch(secrets, namespace, name, {
      metadata: { labels },
      data: { release: encodeRecord(pending) },
    });
    assert.match(
      (await cli("upgrade", "app", chart, "--set", "replicas=1")).text,
      /another operation .* is in progress/,
    );
    await helm.unlock(namespace, "app", 2);
    assert.equal((await helm.history(namespace, "app"))[0]?.status, "failed");
    const done = await cli("upgrade", "app", chart, "--set", "replicas=1");
    assert.equal(done.exitCode, 0, done.text);
  });

  it("notices a workload that Helm deployed and somebody removed", async () => {
    const health = () => checkHealthNow(kubernetes, { namespace, helmRelease: "app" });
    await until(async () => ((await health()).verdict === "passed" ? true : null));
    await kubernetes.delete(deployments, namespace, "app");
    const found = await health();
    assert.equal(found.verdict, "failed");
    assert.match(found.summary, /Deployment app missing/);
  });

  it("renders with the cluster's version, keeps the result by content, and shows template errors", async () => {
    const input = { release: "app", namespace, chartPath: chart, values: { replicas: 3 } };
    const first = await helm.render(input);
    assert.match(first, /replicas: 3/);
    const began = performance.now();
    assert.equal(await helm.render(input), first);
    assert.ok(performance.now() - began < 1_000, "it was rendered again");
    assert.match(await helm.render({ ...input, values: { replicas: 4 } }), /replicas: 4/);
    await assert.rejects(helm.render({ ...input, values: {} }), (error) => {
      assert.ok(error instanceof CutoverError);
      assert.equal(error.details.code, "CUT-4103");
      assert.match(error.details.evidence?.join("\n") ?? "", /replicas is wanted/);
      return true;
    });
    const missing = helm.render({ ...input, chartPath: `${chart}.gone` });
    await assert.rejects(missing, (error) => error instanceof CutoverError && error.details.code === "CUT-4102");
  });

  it("Kafka: a real broker tells its release and its brokers", async () => {
    const { kafka, parts } = await sharedSandbox();
    if (kafka === null) {
      // Said loudly by the sandbox itself; the wire format is tested in test/unit on real sockets.
      assert.ok(
        parts.some((part) => /kafka/i.test(part)),
        "the sandbox must say that Kafka is missing",
      );
      return;
    }
    const facts = await askKafka(kafka);
    assert.equal(facts.release, "3.9");
    assert.equal(facts.brokers, 1);
  });
});
