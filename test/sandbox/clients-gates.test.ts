import assert from "node:assert/strict";
import type { Kubernetes, Postgres } from "../../clients/contracts.ts";
import { deployments, jobs, pods } from "../../clients/kubernetes-kinds.ts";
import { connectPostgres } from "../../clients/postgres.ts";
import { gateSpec, type GateResult } from "../../model/gate.ts";
import { checkHealthNow, runGate, runGates, type GateContext } from "../../steps/gates/index.ts";
import {
  connectBy,
  deploy,
  makeNamespace,
  manifest,
  report,
  running,
  scheduledPod,
  tag,
  until,
  waiting,
} from "./clients-world.ts";
import { sharedSandbox } from "./support/shared-sandbox.ts";

describe("gates on a real control plane and database", function () {
  this.timeout(300_000);
  let kubernetes: Kubernetes;
  let namespace: string;
  let openDatabase: () => Promise<Postgres>;
  let prometheus: string;

  before(async () => {
    const { kubeconfig, database, prometheusUrl } = await sharedSandbox();
    kubernetes = await connectBy(kubeconfig);
    namespace = await makeNamespace(kubernetes, "clients-gates");
    const credentials = { ...database, user: database.superuser, database: "postgres" };
    openDatabase = () => connectPostgres(credentials, { applicationName: "clients-gates" });
    prometheus = prometheusUrl;
  });

  const context = (release: string, change: Partial<GateContext> = {}): GateContext => {
    const identity = { name: release, role: "gim", tenant: null, namespace, helmRelease: release, releaseSet: "r1" };
    return {
      kubernetes,
      helm: () => Promise.reject(new Error("not wanted")),
      service: { ...identity, digest: "d", image: { tag, valuesKey: "image.tag" }, schemaClass: "any" },
      openDatabase,
      prometheus,
      say: () => undefined,
      signal: new AbortController().signal,
      ...change,
    };
  };
  const run = (release: string, spec: object, change?: Partial<GateContext>): Promise<GateResult> =>
    runGate(gateSpec.parse({ name: "gate", timeoutSeconds: 30, ...spec }), context(release, change));
  const health = (release: string) => checkHealthNow(kubernetes, { namespace, helmRelease: release });

  describe("pods", () => {
    it("waits for readiness, shows what it waits for, and passes soon after it", async () => {
      await deploy(kubernetes, namespace, manifest("steady", "steady", { replicas: 2 }));
      const said: string[] = [];
      const gate = run("steady", { kind: "pods" }, { say: (line) => said.push(line) });
      await report(kubernetes, await scheduledPod(kubernetes, namespace, "steady"), true, running);
      assert.equal((await health("steady")).verdict, "failed");
      await until(() => Promise.resolve(said[0]));
      const all = await until(async () => {
        const found = await kubernetes.list(pods, namespace, { labelSelector: "app=steady" });
        return found.length === 2 ? found : null;
      });
      await Promise.all(all.map((pod) => report(kubernetes, pod, true, running)));
      const readyAt = Date.now();
      const result = await gate;
      assert.equal(result.verdict, "passed", result.summary);
      assert.ok(Date.now() - readyAt < 3_000, "verdict came late");
      assert.match(said[0] ?? "", /steady.*of 30s/);
      assert.equal((await health("steady")).verdict, "passed");
    });

    for (const reason of ["CrashLoopBackOff", "ImagePullBackOff"]) {
      it(`fails soon after ${reason} shows, with pod and message`, async () => {
        const name = reason.toLowerCase();
        await deploy(kubernetes, namespace, manifest(name, name));
        const pod = await scheduledPod(kubernetes, namespace, name);
        const gate = run(name, { kind: "pods" });
        await report(kubernetes, pod, false, waiting(reason, "as the test wants"), 3);
        const shownAt = Date.now();
        const result = await gate;
        assert.equal(result.verdict, "failed");
        assert.ok(Date.now() - shownAt < 3_000, "verdict came late");
        assert.match(result.summary, new RegExp(`${pod.metadata.name}.*${reason}.*as the test wants`));
        assert.equal((await health(name)).verdict, "failed");
      });
    }

    for (const crashes of [true, false]) {
      it(`watches on while other gates run: ${crashes ? "a later crash stops them" : "pods that stay ready pass"}`, async () => {
        const name = crashes ? "late-crash" : "stays-ready";
        await deploy(kubernetes, namespace, manifest(name, name));
        const pod = await scheduledPod(kubernetes, namespace, name);
        await report(kubernetes, pod, true, running);
        const pause = crashes ? 60_000 : 1_000;
        const command = [process.execPath, "-e", `console.log("begun"); setTimeout(() => {}, ${pause})`];
        const specs = [
          gateSpec.parse({ kind: "pods", name: "pods", timeoutSeconds: 30 }),
          gateSpec.parse({ kind: "command", name: "other", command, timeoutSeconds: 90 }),
        ];
        const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
        const judged = runGates(specs, { ...context(name), onReady: begin });
        await begun;
        if (crashes) await report(kubernetes, pod, false, waiting("CrashLoopBackOff", "later"), 3);
        const [pods, other] = await judged;
        assert.deepEqual([pods?.verdict, other?.verdict], crashes ? ["failed", "notRun"] : ["passed", "passed"]);
        if (crashes) assert.match(pods?.summary ?? "", /CrashLoopBackOff.*later/);
        if (crashes) assert.match(other?.summary ?? "", /pods did not pass/);
      });
    }

    it("fails on pods that no node has room for, with the scheduler's words", async () => {
      const container = { resources: { requests: { cpu: "100000" } } };
      await deploy(kubernetes, namespace, manifest("huge", "huge", { container }));
      const result = await run("huge", { kind: "pods" });
      assert.equal(result.verdict, "failed");
      assert.match(result.summary, /Unschedulable.*Insufficient cpu/);
    });

    it("fails when a quota refuses the pods", async () => {
      const small = await makeNamespace(kubernetes, "clients-quota");
      const quota = { version: "v1", plural: "resourcequotas", namespaced: true };
      const body = {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "none" },
        spec: { hard: { pods: "0" } },
      };
      await kubernetes.create(quota, small, body);
      await until(async () =>
        (await kubernetes.get(quota, small, "none"))?.status?.["hard"] === undefined ? null : true,
      );
      await deploy(kubernetes, small, manifest("full", "full"));
      const service = { ...context("full").service, namespace: small };
      const result = await run("full", { kind: "pods" }, { service });
      assert.equal(result.verdict, "failed");
      assert.match(result.summary, /ReplicaFailure.*exceeded quota/);
    });

    it("does not take the old pods' readiness for that of a new revision", async () => {
      await deploy(kubernetes, namespace, manifest("moved", "moved"));
      await report(kubernetes, await scheduledPod(kubernetes, namespace, "moved"), true, running);
      assert.equal((await run("moved", { kind: "pods" })).verdict, "passed");
      const template = { metadata: { annotations: { changed: "yes" } } };
      await kubernetes.patch(deployments, namespace, "moved", { spec: { template } });
      const result = await run("moved", { kind: "pods", timeoutSeconds: 2 });
      assert.equal(result.verdict, "failed");
      assert.match(result.summary, /not ready within/);
    });

    it("fails at once when nothing of the release is there", async () => {
      const result = await run("nobody", { kind: "pods" });
      assert.equal(result.verdict, "failed");
      assert.ok(result.durationMilliseconds < 5_000);
      assert.equal((await health("nobody")).verdict, "failed");
    });
  });

  describe("job", () => {
    const make = async (name: string) => {
      const containers = [{ name: "gim", image: "registry.example/job:1" }];
      const annotations = { "sandbox.cutover.dev/application": "test" };
      const template = { metadata: { annotations }, spec: { restartPolicy: "Never", containers } };
      const body = { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { backoffLimit: 0, template } };
      await kubernetes.create(jobs, namespace, body);
      return until(
        async () =>
          (await kubernetes.list(pods, namespace, { labelSelector: `batch.kubernetes.io/job-name=${name}` }))[0],
      );
    };
    const end = (pod: { metadata: { name: string } }, phase: string) =>
      kubernetes.patch(pods, namespace, `${pod.metadata.name}/status`, { status: { phase } });

    it("passes when the Job completes and fails at once when it fails", async () => {
      const good = await make("good");
      const passing = run("any", { kind: "job", job: "good" });
      await end(good, "Succeeded");
      assert.equal((await passing).verdict, "passed");
      const bad = await make("bad");
      const failing = run("any", { kind: "job", job: "bad" });
      await end(bad, "Failed");
      const result = await failing;
      assert.equal(result.verdict, "failed");
      assert.match(result.summary, /BackoffLimitExceeded/);
    });

    it("fails at the time-out when there is no such Job", async () => {
      const result = await run("any", { kind: "job", job: "absent", timeoutSeconds: 1 });
      assert.equal(result.verdict, "failed");
      assert.match(result.summary, /there is no Job absent/);
    });
  });

  describe("sql", () => {
    before(async () => {
      const database = await openDatabase();
      await database.query('CREATE SCHEMA "Gate Test"');
      await database.query('CREATE TABLE "Gate Test".fact (id int, "Start" timestamptz)');
      await database.query('CREATE MATERIALIZED VIEW "Gate Test".seen AS SELECT 1 AS one');
      await database.query('INSERT INTO "Gate Test".fact SELECT generate_series(1, 10)');
      await database.close();
    });

    it("passes on tables, views, columns, row counts and a scalar", async () => {
      const result = await run("any", {
        kind: "sql",
        tables: ['"Gate Test".fact', '"Gate Test".SEEN'],
        columns: ['"Gate Test".fact.id', '"Gate Test".fact."Start"'],
        rowCounts: { '"Gate Test".fact': 10 },
        scalar: { query: 'SELECT max(id) FROM "Gate Test".fact;', equals: "10" },
      });
      assert.equal(result.verdict, "passed", result.summary);
    });

    it("fails at once on what is missing, and names all of it", async () => {
      const missing = { tables: ["public.nothing"], columns: ['"Gate Test".fact.start'] };
      const result = await run("any", { kind: "sql", ...missing });
      assert.equal(result.verdict, "failed");
      assert.match(result.summary, /relation public\.nothing, column "Gate Test"\.fact\.start/);
    });

    it("waits for rows and values, fails at the time-out, and never writes", async () => {
      const gate = run("any", { kind: "sql", rowCounts: { '"Gate Test".fact': 11 } });
      const database = await openDatabase();
      await database.query('INSERT INTO "Gate Test".fact VALUES (11)');
      await database.close();
      assert.equal((await gate).verdict, "passed");
      const never = { kind: "sql", scalar: { query: "SELECT 1", equals: "2" }, timeoutSeconds: 1 };
      assert.match((await run("any", never)).summary, /gives 1, wanted 2/);
      const writing = { kind: "sql", scalar: { query: 'DELETE FROM "Gate Test".fact RETURNING id', equals: "1" } };
      const refused = await run("any", writing);
      assert.equal(refused.verdict, "errored");
      assert.match(refused.summary, /read-only/);
    });
  });

  it("promql and metric judge a real Prometheus", async () => {
    const expect = { operator: ">", value: 0 };
    assert.equal((await run("any", { kind: "promql", query: "vector(1)", expect })).verdict, "passed");
    const absent = await run("any", { kind: "promql", query: "no_such_metric", expect, timeoutSeconds: 1 });
    assert.deepEqual([absent.verdict, /no series/.test(absent.summary)], ["failed", true]);
    const wrong = await run("any", { kind: "metric", query: "sum(", windowSeconds: 1, tolerance: 0 });
    assert.equal(wrong.verdict, "errored");
    const silent = { kind: "metric", query: "no_such_metric", windowSeconds: 1, tolerance: 0, timeoutSeconds: 2 };
    assert.match((await run("any", silent)).summary, /no samples/);
  });
});
