import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { createPrometheus } from "../../../clients/prometheus.ts";
import { CutoverError } from "../../../model/error.ts";
import { closedPort, serveHttp, type Loopback } from "./loopback.ts";

// Real sockets and the documented answers; a real Prometheus is asked in test/sandbox.
async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}
const success = (data: unknown) => JSON.stringify({ status: "success", data });
const codeIs = (code: string, text?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CutoverError, String(error));
  assert.equal(error.details.code, code);
  if (text !== undefined) assert.match([error.details.happened, ...(error.details.evidence ?? [])].join("\n"), text);
  return true;
};

describe("Prometheus client", () => {
  let server: Loopback | null = null;
  afterEach(async () => {
    await server?.close();
    server = null;
  });
  const serve = async (answer: (query: string, authorization: string) => [number, string]) => {
    server = await serveHttp((request, response) => {
      void formOf(request).then((form) => {
        const [status, body] = answer(form.get("query") ?? "", request.headers.authorization ?? "");
        response.writeHead(status).end(body);
      });
    });
    return `http://127.0.0.1:${server.port}`;
  };

  it("gives values with the time of the scrape and the server's own clock", async () => {
    const url = await serve((query) => {
      const stamp = query.startsWith("timestamp(");
      const result = [
        { metric: { ...(stamp ? {} : { __name__: "lag" }), topic: "a" }, value: [1000, stamp ? "985.5" : "42"] },
        { metric: { ...(stamp ? {} : { __name__: "lag" }), topic: "b" }, value: [1000, stamp ? "990" : "+Inf"] },
      ];
      return [200, success({ resultType: "vector", result: stamp ? result.reverse() : result })];
    });
    assert.deepEqual(await createPrometheus(url).query("lag"), [
      { labels: { __name__: "lag", topic: "a" }, time: 985.5, value: 42, evaluatedAt: 1000 },
      { labels: { __name__: "lag", topic: "b" }, time: 990, value: Infinity, evaluatedAt: 1000 },
    ]);
  });

  it("asks for raw samples by a range and reads scalars", async () => {
    const seen: string[] = [];
    const url = await serve((query) => {
      seen.push(query);
      if (query === "time()") return [200, success({ resultType: "scalar", result: [7.5, "7.5"] })];
      return [
        200,
        success({
          resultType: "matrix",
          result: [
            {
              metric: { a: "1" },
              values: [
                [1, "2"],
                [2, "NaN"],
              ],
            },
          ],
        }),
      ];
    });
    const series = await createPrometheus(`${url}/`).window('lag{a="1"}', 2.5);
    assert.deepEqual(series, [
      {
        labels: { a: "1" },
        points: [
          { time: 1, value: 2 },
          { time: 2, value: NaN },
        ],
      },
    ]);
    assert.equal((await createPrometheus(url).query("time()"))[0]?.value, 7.5);
    assert.deepEqual(seen, ['lag{a="1"}[2500ms]', "time()"]);
  });

  it("reports a refused query with the server's words", async () => {
    const url = await serve(() => [
      400,
      JSON.stringify({ status: "error", errorType: "bad_data", error: "unclosed left brace" }),
    ]);
    await assert.rejects(createPrometheus(url).query("x{"), codeIs("CUT-4302", /unclosed left brace/));
  });

  it("reports an answer of something else", async () => {
    const url = await serve(() => [200, "<html>a login page</html>"]);
    await assert.rejects(createPrometheus(url).query("x"), codeIs("CUT-4303", /not JSON/));
  });

  it("reports a server that is not ready or not there, without the password of its address", async () => {
    const url = await serve(() => [503, "Service Unavailable"]);
    await assert.rejects(createPrometheus(url).ready(), codeIs("CUT-4301", /503/));
    await assert.rejects(createPrometheus(url).query("x"), codeIs("CUT-4301"));
    const gone = `http://user:geheim@127.0.0.1:${await closedPort()}`;
    await assert.rejects(createPrometheus(gone).ready(), (error) => {
      codeIs("CUT-4301", /ECONNREFUSED/)(error);
      assert.ok(!JSON.stringify((error as CutoverError).details).includes("geheim"));
      return true;
    });
  });

  it("sends user and password of the address as a header", async () => {
    let seen = "";
    const url = await serve((_query, authorization) => {
      seen = authorization;
      return [200, success({ resultType: "scalar", result: [1, "1"] })];
    });
    await createPrometheus(url.replace("//", "//me:s%40x@")).query("time()");
    assert.equal(seen, `Basic ${Buffer.from("me:s@x").toString("base64")}`);
  });

  it("does not wait for a server that never answers", async () => {
    server = await serveHttp(() => undefined);
    const slow = createPrometheus(`http://127.0.0.1:${server.port}`, { timeoutMilliseconds: 200 });
    await assert.rejects(slow.query("x"), codeIs("CUT-4301", /200 ms/));
  });
});
