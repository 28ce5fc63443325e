import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Kubernetes, KubernetesObject, ResourceKind } from "../../clients/contracts.ts";
import { isApiError } from "../../clients/kubernetes-error.ts";
import { configMaps, pods } from "../../clients/kubernetes-kinds.ts";
import {
  connectBy,
  deploy,
  makeNamespace,
  manifest,
  report,
  running,
  scheduledPod,
  serviceAccounts,
  until,
} from "./clients-world.ts";
import { sharedSandbox } from "./support/shared-sandbox.ts";

const hasStatus = (status: number) => (error: unknown) => isApiError(error) && error.status === status;
const configMap = (name: string, data: object, labels: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, labels },
  data,
});

describe("Kubernetes client on a real API server", function () {
  this.timeout(300_000);
  let kubernetes: Kubernetes;
  let directory: string;
  let namespace: string;

  before(async () => {
    const sandbox = await sharedSandbox();
    directory = sandbox.directory;
    kubernetes = await connectBy(sandbox.kubeconfig);
    namespace = await makeNamespace(kubernetes, "clients-kubernetes");
  });

  it("creates, reads, patches, replaces and deletes, and loses no other writer's change", async () => {
    const created = await kubernetes.create(configMaps, namespace, configMap("one", { a: "1" }));
    await kubernetes.patch(configMaps, namespace, "one", { data: { b: "2" } });
    assert.deepEqual((await kubernetes.get(configMaps, namespace, "one"))?.data, { a: "1", b: "2" });
    await assert.rejects(kubernetes.replace(configMaps, namespace, "one", { ...created, data: {} }), hasStatus(409));
    await assert.rejects(kubernetes.create(configMaps, namespace, configMap("one", {})), hasStatus(409));
    await kubernetes.delete(configMaps, namespace, "one");
    await kubernetes.delete(configMaps, namespace, "one");
    assert.equal(await kubernetes.get(configMaps, namespace, "one"), null);
  });

  it("tells an absent object from a kind that the server does not have", async () => {
    const unknown: ResourceKind = { group: "no.example", version: "v1", plural: "things", namespaced: true };
    await assert.rejects(kubernetes.get(unknown, namespace, "x"), hasStatus(404));
  });

  it("watches by selector: every change in order, ended by the signal", async () => {
    const seen: string[] = [];
    const stop = new AbortController();
    const note = (objects: readonly KubernetesObject[]) => {
      seen.push(objects.map((object) => `${object.metadata.name}=${object.data?.["v"] ?? ""}`).join("+"));
      if (seen.length === 4) stop.abort();
    };
    const watching = kubernetes.watch(configMaps, namespace, { labelSelector: "watched=yes" }, note, stop.signal);
    await until(() => Promise.resolve(seen[0]));
    await kubernetes.create(configMaps, namespace, configMap("other", { v: "0" }));
    await kubernetes.create(configMaps, namespace, configMap("seen", { v: "1" }, { watched: "yes" }));
    await kubernetes.patch(configMaps, namespace, "seen", { data: { v: "2" } });
    await kubernetes.delete(configMaps, namespace, "seen");
    await watching;
    assert.deepEqual(seen, ["", "seen=1", "seen=2", ""]);
  });

  it("works with a token, knows who it is, and gives up where it has no rights", async () => {
    await kubernetes.create(serviceAccounts, namespace, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "reader" },
    });
    const tokens: ResourceKind = { version: "v1", plural: "serviceaccounts/reader/token", namespaced: true };
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
    const token = (await kubernetes.create(tokens, namespace, request)).status?.["token"];
    const { parse } = await import("yaml");
    const { readFile } = await import("node:fs/promises");
    const config = parse(await readFile((await sharedSandbox()).kubeconfig, "utf8")) as { users: { user: unknown }[] };
    config.users = config.users.map((entry) => ({ ...entry, user: { token } }));
    await writeFile(join(directory, "reader.kubeconfig"), JSON.stringify(config));
    const reader = await connectBy(join(directory, "reader.kubeconfig"));
    assert.equal(await reader.whoAmI(), `system:serviceaccount:${namespace}:reader`);
    assert.equal(await reader.can("create", "", "pods/exec", namespace), false);
    assert.equal(await kubernetes.can("create", "", "pods/exec", namespace), true);
    await assert.rejects(reader.list(pods, namespace), hasStatus(403));
    const watching = reader.watch(pods, namespace, {}, () => undefined, new AbortController().signal);
    await assert.rejects(watching, hasStatus(403));
  });

  describe("commands and logs in a pod", () => {
    let pod: string;
    const exec = (command: string[], timeoutMilliseconds = 15_000) =>
      kubernetes.exec(namespace, pod, undefined, command, { timeoutMilliseconds });

    before(async () => {
      await deploy(kubernetes, namespace, manifest("shell", "shell"));
      const found = await scheduledPod(kubernetes, namespace, "shell");
      await report(kubernetes, found, true, running);
      pod = found.metadata.name;
      const log = join(directory, "clients-kubernetes.log");
      await writeFile(
        log,
        Array.from({ length: 20 }, (_, index) => `2026-11-22T10:00:00Z stdout F line ${index}\n`).join(""),
      );
      const kwok = (plural: string): ResourceKind => ({
        group: "kwok.x-k8s.io",
        version: "v1alpha1",
        plural,
        namespaced: true,
      });
      const simulated = (kind: string, spec: object) => ({
        apiVersion: "kwok.x-k8s.io/v1alpha1",
        kind,
        metadata: { name: pod },
        spec,
      });
      await kubernetes.create(kwok("execs"), namespace, simulated("Exec", { execs: [{ local: {} }] }));
      await kubernetes.create(
        kwok("logs"),
        namespace,
        simulated("Logs", { logs: [{ containers: ["gim"], logsFile: log }] }),
      );
    });

    it("gives both outputs and the exit code", async () => {
      // The simulated node reads its own configuration a moment after it was made.
      const result = await until(() => exec(["sh", "-c", "echo out; echo err >&2; exit 3"]).catch(() => null));
      assert.deepEqual(result, { exitCode: 3, stdout: "out\n", stderr: "err\n" });
      assert.equal((await exec(["true"])).exitCode, 0);
      const noSuchProgram = await exec(["no-such-program"]).catch((error: unknown) => error);
      assert.ok(isApiError(noSuchProgram), "a command that never ran has no exit code");
    });

    it("gives all of a long output", async () => {
      const { stdout } = await exec(["sh", "-c", "seq 1 20000"]);
      assert.equal(stdout.trimEnd().split("\n").length, 20_000);
    });

    it("stops waiting at the time-out and says that the end is unknown", async () => {
      await assert.rejects(exec(["sleep", "5"], 500), /may still be running/);
    });

    it("reports a pod that is not there", async () => {
      const call = kubernetes.exec(namespace, "nobody", undefined, ["true"], { timeoutMilliseconds: 5_000 });
      await assert.rejects(call, hasStatus(404));
    });

    it("gives the last lines of a log, and none where there is no pod", async () => {
      const lines = await until(async () => {
        const found = await kubernetes.logTail(namespace, pod, "gim", 3).catch(() => []);
        return found.length > 0 ? found : null;
      });
      assert.deepEqual(
        lines.map((line) => line.replace(/^.*(line \d+)$/, "$1")),
        ["line 17", "line 18", "line 19"],
      );
      assert.deepEqual(await kubernetes.logTail(namespace, "nobody", "gim", 3), []);
    });
  });
});
