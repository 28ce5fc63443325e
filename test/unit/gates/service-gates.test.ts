import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Kubernetes } from "../../../clients/contracts.ts";
import { connectEndpoint } from "../../../clients/service-endpoint.ts";
import { CutoverError } from "../../../model/error.ts";
import { figureBefore } from "../../../model/figure-before.ts";
import { gateSpec, type GateSpec } from "../../../model/gate.ts";
import { percentileOf } from "../../../model/latency.ts";
import type { EntryBody } from "../../../model/ledger.ts";
import type { GateDatabase } from "../../../steps/gates/database.ts";
import { runGate, type GateContext } from "../../../steps/gates/index.ts";
import { serveHttp, type Loopback } from "../clients/loopback.ts";
import { makePages } from "../model/ledger-pages.ts";
import { clusterWithService, type ServiceCluster } from "./service-cluster.ts";

const never = () => Promise.reject(new Error("this test has no such system"));

describe("gates of a service that has no public address", function () {
  this.timeout(30_000);
  let server: Loopback;
  let cluster: ServiceCluster;
  let body: string;
  let paths: string[];
  before(async () => {
    server = await serveHttp((request, answer) => {
      paths.push(request.url ?? "");
      answer.writeHead(200).end(body);
    });
  });
  after(() => server.close());
  beforeEach(() => {
    cluster = clusterWithService(server.port);
    [body, paths] = ['{"version":"7.6.1"}', []];
  });

  const context = (change: Partial<GateContext> = {}): GateContext => ({
    kubernetes: cluster.kubernetes,
    helm: never,
    service: {
      ...{ name: "rpi", role: "rpi", tenant: null, namespace: "rpi", helmRelease: "rpi", releaseSet: "v7.6" },
      ...{ digest: "d", image: null, schemaClass: "restore" },
    },
    openDatabase: never,
    prometheus: null,
    say: () => undefined,
    signal: new AbortController().signal,
    ...change,
  });
  const gate = (spec: Record<string, unknown>): GateSpec => gateSpec.parse({ name: "g", timeoutSeconds: 2, ...spec });

  it("http: asks a Ready pod of the Service on its container port, and sees the version", async () => {
    const spec = { kind: "http", service: "rpi-api", path: "/api/version" };
    const passed = await runGate(gate({ ...spec, expectBody: '"7\\.6\\.1"' }), context());
    assert.deepEqual([passed.verdict, passed.summary], ["passed", "rpi-api:80/api/version answers 200"]);
    assert.deepEqual([cluster.ports, paths], [[8080], ["/api/version"]]);
    const failed = await runGate(gate({ ...spec, expectBody: '"7\\.7' }), context());
    assert.equal(failed.verdict, "failed");
    assert.match(failed.summary, /does not match/);
  });

  it("http: a pod that is not Ready, or does not listen, is waited for and then failed; no Service is an error", async () => {
    cluster.state.ready = false;
    const spec = gate({ kind: "http", service: "rpi-api" });
    const notReady = await runGate(spec, context());
    assert.equal(notReady.verdict, "failed");
    assert.match(notReady.summary, /no Ready pod of Service rpi\/rpi-api/);
    Object.assign(cluster.state, { ready: true, listens: false });
    assert.match((await runGate(spec, context())).summary, /connection refused in the pod/);
    const missing = await runGate(gate({ kind: "http", service: "other" }), context());
    assert.deepEqual([missing.verdict, missing.summary.slice(0, 8)], ["errored", "CUT-5720"]);
  });

  it("http: needs either an address or a Service, and old release sets stay valid", () => {
    assert.ok(!gateSpec.safeParse({ kind: "http", name: "g" }).success);
    assert.ok(!gateSpec.safeParse({ kind: "http", name: "g", url: "http://x", service: "x" }).success);
    assert.deepEqual(gateSpec.parse({ kind: "http", name: "g", url: "http://x/" }), {
      ...{ kind: "http", name: "g", timeoutSeconds: 900, url: "http://x/", expectStatus: 200 },
    });
  });

  it("a pod of the wanted image is chosen, never one of the version before", async () => {
    const endpoint = { namespace: "rpi", service: "rpi-api", port: 80 };
    const connection = await connectEndpoint(cluster.kubernetes, endpoint, { imageTag: "7.6.1" });
    connection.stream.destroy();
    assert.equal(connection.pod, "rpi-api-1");
    await assert.rejects(connectEndpoint(cluster.kubernetes, endpoint, { imageTag: "7.7.1" }), (error) => {
      assert.ok(error instanceof CutoverError);
      return /no Ready pod .* runs 7\.7\.1/.test(error.details.happened);
    });
  });

  const database = (value: string | null): GateDatabase => ({
    absentRelations: (names) => Promise.resolve(names.filter((name) => name === "dbo.gone")),
    absentColumns: () => Promise.resolve([]),
    countUpTo: () => Promise.resolve(3),
    scalar: () => Promise.resolve(value),
    close: () => Promise.resolve(),
  });

  it("sql: asks the operational databases where the gate says so, or the service has none of its own", async () => {
    const asked: (string | undefined)[] = [];
    const openOperational = (name?: string) => {
      asked.push(name);
      return Promise.resolve(database("7.6.1"));
    };
    const scalar = { query: "select version", equals: "7.6.1" };
    const named = { kind: "sql", connection: "operational", database: "Interaction_acme", scalar };
    assert.equal((await runGate(gate(named), context({ openOperational }))).verdict, "passed");
    const own = context({ openOperational, defaultConnection: "operational" });
    const missing = await runGate(gate({ kind: "sql", tables: ["dbo.there", "dbo.gone"] }), own);
    assert.match(missing.summary, /missing in the database: relation dbo\.gone/);
    assert.deepEqual(asked, ["Interaction_acme", undefined]);
    assert.match((await runGate(gate(named), context())).summary, /CUT-5760/);
  });

  describe("performance", () => {
    const sql = (value: string | null) =>
      context({ openOperational: () => Promise.resolve(database(value)), defaultConnection: "operational" });
    const figure = (change: object) =>
      gate({ kind: "performance", source: { kind: "sql", query: "select 1" }, ...change });

    it("judges absolute limits and keeps the figure", async () => {
      const good = await runGate(figure({ maximum: 50 }), sql("42.5"));
      assert.deepEqual([good.verdict, good.figure], ["passed", 42.5]);
      assert.match((await runGate(figure({ maximum: 40 }), sql("42.5"))).summary, /is 42\.5, at most 40 allowed/);
      assert.equal((await runGate(figure({ minimum: 50 }), sql("42.5"))).verdict, "failed");
    });

    it("compares with a given figure, else with what was recorded before; without one a person decides", async () => {
      const tolerant = { tolerancePercent: 10 };
      assert.equal((await runGate(figure({ ...tolerant, baseline: 40 }), sql("43"))).verdict, "passed");
      assert.equal((await runGate(figure({ ...tolerant, baseline: 40 }), sql("45"))).verdict, "failed");
      const before = { ...sql("45"), figureBefore: () => Promise.resolve(44) };
      assert.equal((await runGate(figure(tolerant), before)).verdict, "passed");
      assert.equal((await runGate(figure({ ...tolerant, worse: "lower", baseline: 60 }), sql("45"))).verdict, "failed");
      assert.equal((await runGate(figure(tolerant), sql("45"))).verdict, "inconclusive");
    });

    it("runs the load job first; a failed one, and a missing number, are no verdict on the version", async () => {
      const load = (code: string) => figure({ maximum: 50, loadCommand: [process.execPath, "-e", code] });
      const loaded = await runGate(load("console.log('1000 requests')"), sql("42"));
      assert.equal(loaded.verdict, "passed");
      assert.match(loaded.evidence.join("\n"), /1000 requests/);
      assert.equal((await runGate(load("process.exit(1)"), sql("42"))).verdict, "errored");
      assert.equal((await runGate(figure({ maximum: 50 }), sql("n/a"))).verdict, "errored");
    });

    it("measures the latency of a Service, and is errored when it does not answer as wanted", async () => {
      const http = { kind: "http", service: "rpi-api", path: "/p", requests: 5, percentile: 80 };
      const result = await runGate(figure({ source: http, maximum: 10_000 }), context());
      assert.equal(result.verdict, "passed");
      assert.deepEqual(paths, ["/p", "/p", "/p", "/p", "/p"]);
      assert.ok((result.figure ?? 0) > 0);
      const wrong = figure({ source: { ...http, expectStatus: 204 }, maximum: 10_000 });
      assert.equal((await runGate(wrong, context())).verdict, "errored");
    });

    it("property: a percentile is one of the values, and no less than its share of them is below or equal", () => {
      const values = fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1 });
      fc.assert(
        fc.property(values, fc.integer({ min: 1, max: 100 }), (all, percentile) => {
          const found = percentileOf(all, percentile);
          assert.ok(all.includes(found));
          assert.ok(all.filter((value) => value <= found).length >= (percentile / 100) * all.length);
        }),
      );
    });

    it("what it was before: the last baseline of its name, or when another release set was verified", () => {
      const verified = (releaseSet: string, value: number): EntryBody => ({
        ...{ kind: "receipt", digest: "d", releaseSet },
        receipt: {
          ...{ step: "verify", service: "rpi", verdict: "passed", summary: "", evidence: [], facts: {}, startedAt: "" },
          ...{ durationMilliseconds: 1, toolVersion: "", attempt: "1.1" },
          gates: [
            {
              gate: "login",
              kind: "performance",
              verdict: "passed",
              summary: "",
              evidence: [],
              durationMilliseconds: 1,
              figure: value,
            },
          ],
        },
      });
      const before = (...bodies: EntryBody[]) =>
        figureBefore(makePages([bodies]), { gate: "login", service: "rpi", releaseSet: "v7.7" });
      assert.equal(before(), null);
      assert.equal(before(verified("v7.6", 40), verified("v7.7", 50)), 40);
      assert.equal(before(verified("v7.6", 40), { kind: "baseline", figures: { login: 41, other: 1 } }), 41);
      assert.equal(before({ kind: "baseline", figures: { login: 41, "login/rpi": 42 } }), 42);
      assert.equal(before({ kind: "baseline", figures: { other: 1 } }), null);
    });
  });

  it("a cluster that refuses the port-forward is no verdict on the service", async () => {
    const { ApiError } = await import("../../../clients/kubernetes-error.ts");
    const portForward = () => Promise.reject(new ApiError(403, "Forbidden", "pods/portforward is forbidden"));
    const kubernetes = { ...cluster.kubernetes, portForward } as Kubernetes;
    const result = await runGate(gate({ kind: "http", service: "rpi-api" }), context({ kubernetes }));
    assert.equal(result.verdict, "errored");
    assert.match(result.summary, /forbidden/);
  });
});
