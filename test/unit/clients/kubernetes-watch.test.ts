import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { connectKubernetes } from "../../../clients/kubernetes.ts";
import { configMaps } from "../../../clients/kubernetes-kinds.ts";
import type { Kubernetes } from "../../../clients/contracts.ts";
import { isApiError } from "../../../clients/kubernetes-error.ts";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveHttp, type Loopback } from "./loopback.ts";

// Faults that a healthy API server does not show on demand: cuts, 410, 429, 5xx. The real server is used in test/sandbox.
const object = (name: string, version: number) => ({ metadata: { name, resourceVersion: String(version) } });
const list = (version: number, ...names: string[]) =>
  JSON.stringify({
    kind: "ConfigMapList",
    apiVersion: "v1",
    metadata: { resourceVersion: String(version) },
    items: names.map((name) => object(name, version)),
  });
const event = (type: string, body: object) => `${JSON.stringify({ type, object: body })}\n`;

describe("Kubernetes client under faults", function () {
  this.timeout(20_000);
  let server: Loopback;
  let kubernetes: Kubernetes;
  let requests: string[] = [];
  let answers: ((response: ServerResponse) => void)[] = [];
  const before_ = process.env["KUBECONFIG"];
  const folder = mkdtempSync(join(tmpdir(), "cutover-test-"));

  before(async () => {
    server = await serveHttp((request, response) => {
      requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
      const answer = answers.shift();
      if (answer === undefined) response.writeHead(500).end("unexpected request");
      else answer(response);
    });
    const cluster = { server: `http://127.0.0.1:${server.port}` };
    const config = {
      clusters: [{ name: "c", cluster }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    };
    writeFileSync(join(folder, "config"), JSON.stringify(config));
    process.env["KUBECONFIG"] = join(folder, "config");
    kubernetes = await connectKubernetes({
      retryLimits: { totalMilliseconds: 5_000, firstContactMilliseconds: 5_000 },
    });
  });
  beforeEach(() => {
    requests = [];
  });
  after(async () => {
    if (before_ === undefined) delete process.env["KUBECONFIG"];
    else process.env["KUBECONFIG"] = before_;
    rmSync(folder, { recursive: true });
    await server.close();
  });
  const ok = (body: string) => (response: ServerResponse) => {
    response.end(body);
  };
  const status =
    (code: number, headers: Record<string, string> = {}) =>
    (response: ServerResponse) => {
      response.writeHead(code, headers).end(JSON.stringify({ reason: "Tested", message: "told so" }));
    };
  const cut = (response: ServerResponse) => {
    response.socket?.destroy();
  };

  /** Watches until the given sets were seen. */
  async function watchUntil(wanted: string[]): Promise<string[]> {
    const seen: string[] = [];
    const stop = new AbortController();
    const done = (objects: readonly { metadata: { name: string } }[]) => {
      seen.push(objects.map((entry) => entry.metadata.name).join("+"));
      if (seen.length === wanted.length) stop.abort();
    };
    await kubernetes.watch(configMaps, "ns", {}, done, stop.signal);
    return seen;
  }

  it("continues after a cut from the last version it saw, bookmarks included, without a new list", async () => {
    answers = [
      ok(list(5, "a")),
      (response) => {
        response.write(event("ADDED", object("b", 7)));
        response.write(event("BOOKMARK", object("", 9)));
        setTimeout(() => response.socket?.destroy(), 50);
      },
      ok(event("DELETED", object("a", 11))),
    ];
    const wanted = ["a", "a+b", "b"];
    assert.deepEqual(await watchUntil(wanted), wanted);
    assert.deepEqual(
      requests.map((request) => /resourceVersion=(\d+)/.exec(request)?.[1]),
      [undefined, "5", "9"],
    );
  });

  it("lists anew after 410, as an event and as an answer, and forgets what is gone", async () => {
    answers = [
      ok(list(5, "a", "b")),
      ok(event("ERROR", { code: 410, reason: "Expired", message: "too old" })),
      ok(list(20, "b")),
      status(410),
      ok(list(30, "c")),
    ];
    const wanted = ["a+b", "b", "c"];
    assert.deepEqual(await watchUntil(wanted), wanted);
  });

  it("splits events at line ends, not at packets, and keeps characters whole", async () => {
    const bytes = Buffer.from(event("ADDED", object("grün", 7)) + event("ADDED", object("z", 8)));
    answers = [
      ok(list(5)),
      (response) => {
        const cutAt = bytes.indexOf(0xc3) + 1;
        response.write(bytes.subarray(0, cutAt));
        setTimeout(() => response.write(bytes.subarray(cutAt)), 20);
      },
    ];
    const wanted = ["", "grün", "grün+z"];
    assert.deepEqual(await watchUntil(wanted), wanted);
  });

  it("gives up on answers that cannot heal", async () => {
    for (const code of [401, 403, 404]) {
      answers = [status(code)];
      const watching = kubernetes.watch(configMaps, "ns", {}, () => undefined, new AbortController().signal);
      await assert.rejects(watching, (error) => isApiError(error) && error.status === code);
    }
  });

  it("passes on an error of its consumer instead of hiding it in reconnects", async () => {
    answers = [ok(list(5, "a"))];
    const watching = kubernetes.watch(
      configMaps,
      "ns",
      {},
      () => {
        throw new Error("consumer");
      },
      new AbortController().signal,
    );
    await assert.rejects(watching, /consumer/);
  });

  it("repeats reads after 429 (as long as told), 5xx and a cut connection", async () => {
    answers = [status(429, { "retry-after": "1" }), status(503), cut, ok(list(5, "a"))];
    const began = performance.now();
    assert.equal((await kubernetes.list(configMaps, "ns")).length, 1);
    assert.equal(requests.length, 4);
    assert.ok(performance.now() - began >= 1000);
  });

  it("never repeats a write", async () => {
    for (const answer of [cut, status(500), status(429, { "retry-after": "1" })]) {
      requests = [];
      answers = [answer];
      await assert.rejects(kubernetes.create(configMaps, "ns", object("a", 1)));
      assert.equal(requests.length, 1);
    }
  });

  it("joins the pages of a long list", async () => {
    const page = JSON.parse(list(5, "a")) as { metadata: { continue?: string } };
    page.metadata.continue = "token";
    answers = [ok(JSON.stringify(page)), ok(list(5, "b"))];
    const found = await kubernetes.list(configMaps, "ns", { labelSelector: "x=1" });
    assert.deepEqual(
      found.map((entry) => [entry.kind, entry.metadata.name]),
      [
        ["ConfigMap", "a"],
        ["ConfigMap", "b"],
      ],
    );
    assert.match(requests[1] ?? "", /labelSelector=x%3D1.*continue=token/);
  });
});
