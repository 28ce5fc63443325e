import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Kubernetes } from "../../../clients/contracts.ts";
import { gateSpec, type GateSpec } from "../../../model/gate.ts";
import { runGate, runGates, type GateContext } from "../../../steps/gates/index.ts";

const never = () => Promise.reject(new Error("this test has no such system"));
// Only gates that need no cluster are run here; the others are tried on a real one in test/sandbox.
const noCluster = new Proxy({} as Kubernetes, { get: () => never });

function context(change: Partial<GateContext> = {}): GateContext {
  const image = { tag: "1", valuesKey: "image.tag" };
  const identity = { name: "gim-t100", role: "gim", tenant: "t100", namespace: "gim", helmRelease: "gim-t100" };
  return {
    kubernetes: noCluster,
    helm: never,
    service: { ...identity, releaseSet: "r1", digest: "d", image, schemaClass: "any" },
    openDatabase: never,
    prometheus: null,
    say: () => undefined,
    signal: new AbortController().signal,
    ...change,
  };
}
const script = (name: string, code: string, timeoutSeconds = 20): GateSpec =>
  gateSpec.parse({ kind: "command", name, command: [process.execPath, "-e", code], timeoutSeconds });

describe("running gates", function () {
  this.timeout(30_000);

  it("judges the user's command by its exit code: 0 passed, 1 failed, anything else errored", async () => {
    const passed = await runGate(script("ok", "console.log('all ' + process.env.CUTOVER_SERVICE)"), context());
    assert.deepEqual([passed.verdict, passed.summary], ["passed", "all gim-t100"]);
    const failed = await runGate(script("no", "console.error('too few'); process.exit(1)"), context());
    assert.equal(failed.verdict, "failed");
    assert.ok(failed.evidence.includes("stderr: too few"));
    assert.equal((await runGate(script("odd", "process.exit(7)"), context())).verdict, "errored");
    assert.equal((await runGate(script("gone", "process.kill(process.pid, 'SIGKILL')"), context())).verdict, "errored");
  });

  it("stops a command at the gate's time-out and calls it errored, not failed", async () => {
    const result = await runGate(script("slow", "setTimeout(() => {}, 60000)", 0.5), context());
    assert.equal(result.verdict, "errored");
    assert.ok(result.durationMilliseconds < 5000, String(result.durationMilliseconds));
  });

  it("turns a missing system into errored with its cause", async () => {
    const sql = gateSpec.parse({ kind: "sql", name: "schema", tables: ["gim.call"] });
    const result = await runGate(sql, context());
    assert.equal(result.verdict, "errored");
    assert.match(result.summary, /no such system/);
    const promql = gateSpec.parse({ kind: "promql", name: "lag", query: "x", expect: { operator: "==", value: 1 } });
    assert.match((await runGate(promql, context())).summary, /names none/);
  });

  it("stops the other gates when one has failed, and reports every gate in its place", async () => {
    const specs = [
      script("waits", "setTimeout(() => {}, 60000)"),
      script("fails", "process.exit(1)"),
      script("ok", ""),
    ];
    const results = await runGates(specs, context());
    assert.deepEqual(
      results.map((result) => result.gate),
      ["waits", "fails", "ok"],
    );
    assert.deepEqual(
      results.slice(0, 2).map((result) => result.verdict),
      ["notRun", "failed"],
    );
    assert.match(results[0]?.summary ?? "", /fails did not pass/);
  });

  it("never starts the others when the pods gate could not tell", async () => {
    const pods = gateSpec.parse({ kind: "pods", name: "pods", timeoutSeconds: 5 });
    const results = await runGates([script("after", ""), pods], context());
    assert.deepEqual(
      results.map((result) => result.verdict),
      ["notRun", "errored"],
    );
  });

  it("ends at once when the step is stopped", async () => {
    const stop = new AbortController();
    setTimeout(() => {
      stop.abort();
    }, 300);
    const results = await runGates([script("slow", "setTimeout(() => {}, 60000)")], context({ signal: stop.signal }));
    assert.equal(results[0]?.verdict, "errored");
    assert.match(results[0].summary, /interrupted/);
    assert.ok(results[0].durationMilliseconds < 5000);
  });

  describe("http gate", () => {
    let server: Server;
    let answers: number[] = [];
    let asked = 0;
    before((done) => {
      server = createServer((_request, answer) => {
        asked += 1;
        answer.statusCode = answers.shift() ?? 200;
        answer.end("it is ready");
      }).listen(0, "127.0.0.1", done);
    });
    after((done) => {
      server.close(done);
    });
    const gate = (change: object) => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
      return gateSpec.parse({ kind: "http", name: "health", url, timeoutSeconds: 10, ...change });
    };

    it("asks again until the endpoint is up", async () => {
      answers = [503, 503];
      asked = 0;
      const result = await runGate(gate({ expectBody: "^it is" }), context());
      assert.equal(result.verdict, "passed");
      assert.equal(asked, 3);
    });

    it("fails at the time-out and says what it still waited for", async () => {
      const result = await runGate(gate({ expectBody: "done", timeoutSeconds: 1 }), context());
      assert.equal(result.verdict, "failed");
      assert.match(result.summary, /does not match/);
    });
  });
});
