import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notify } from "../../../clients/notify.ts";
import { cloudEvent } from "../../../model/cloud-event.ts";
import { closedPort, serveHttp } from "./loopback.ts";

const event = cloudEvent(
  { kind: "failed", stack: "infomart-prod", id: "e-1", at: Date.UTC(2026, 10, 21, 22) },
  {
    run: 7,
    releaseSet: "r2026-11",
    verdict: "failed",
    summary: "gsp verify failed",
    next: "cutover rollback infomart-prod",
  },
);
const fast = [5, 5];
const forever = () => new AbortController().signal;

/** A webhook that answers with these codes, one after the other; the last one again and again. */
async function webhook(...codes: number[]) {
  const got: { method: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];
  const server = await serveHttp((request, answer) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      got.push({ method: request.method, headers: request.headers, body });
      answer.writeHead(codes[got.length - 1] ?? codes.at(-1) ?? 200).end("do not show this");
    });
  });
  return { got, url: `http://127.0.0.1:${server.port}/hooks/s3cret-path?token=s3cret`, close: () => server.close() };
}

describe("notifications", function () {
  this.timeout(20_000);

  it("reach a webhook as a CloudEvent", async () => {
    const { got, url, close } = await webhook(204);
    try {
      assert.deepEqual(await notify([{ url }], event, forever()), []);
    } finally {
      await close();
    }
    assert.equal(got.length, 1);
    assert.equal(got[0]?.method, "POST");
    assert.equal(got[0].headers["content-type"], "application/cloudevents+json");
    assert.deepEqual(JSON.parse(got[0].body), {
      ...{ specversion: "1.0", id: "e-1", source: "/cutover/infomart-prod", type: "io.cutover.run.failed" },
      ...{ time: "2026-11-21T22:00:00.000Z", subject: "infomart-prod", datacontenttype: "application/json" },
      data: {
        ...{ run: 7, releaseSet: "r2026-11", verdict: "failed", summary: "gsp verify failed" },
        next: "cutover rollback infomart-prod",
      },
    });
  });

  it("reach a command on its stdin", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cutover-notify-"));
    try {
      const file = join(folder, "event.json");
      const code = `process.stdin.pipe(require("node:fs").createWriteStream(process.argv[1]))`;
      assert.deepEqual(await notify([{ command: [process.execPath, "-e", code, file] }], event, forever()), []);
      assert.deepEqual(JSON.parse(await readFile(file, "utf8")), event);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("go only to those who want this kind", async () => {
    const { got, url, close } = await webhook(200);
    try {
      await notify([{ url, events: ["started"] }, { url, events: ["paused", "failed"] }, { url }], event, forever());
    } finally {
      await close();
    }
    assert.equal(got.length, 2);
  });

  it("are tried three times where that can help, with the same event, and once where it cannot", async () => {
    const [healing, broken, refusing] = await Promise.all([webhook(503, 429, 200), webhook(500), webhook(403)]);
    const warnings = [healing, broken, refusing].map(({ url }) => notify([{ url }], event, forever(), fast));
    const [none, some, refused] = await Promise.all(warnings);
    await Promise.all([healing.close(), broken.close(), refusing.close()]);
    assert.deepEqual([healing.got.length, broken.got.length, refusing.got.length], [3, 3, 1]);
    assert.equal(new Set(healing.got.map(({ body }) => body)).size, 1);
    assert.deepEqual(none, []);
    assert.match(some?.join() ?? "", /127\.0\.0\.1:\d+ was not notified: it answered 500/);
    assert.match(refused?.join() ?? "", /it answered 403/);
  });

  it("that cannot be delivered are warnings, never errors, and show no secret of the address", async () => {
    const port = await closedPort();
    const broken = await webhook(500);
    const targets = [
      { url: `http://user:s3cret@127.0.0.1:${port}/hooks/s3cret-path?token=s3cret` },
      { url: broken.url },
      { command: ["/no/such/program"] },
      { command: [process.execPath, "-e", "process.exit(3)", "s3cret"] },
      {},
    ];
    const warnings = await notify(targets, event, forever(), fast);
    await broken.close();
    assert.equal(warnings.length, 5);
    assert.doesNotMatch(warnings.join(), /s3cret/);
    assert.match(warnings[0] ?? "", /refused/i);
    assert.match(warnings[2] ?? "", /no\/such\/program/);
    assert.match(warnings[3] ?? "", /exit code 3/);
    assert.match(warnings[4] ?? "", /neither url nor command/);
  });

  it("end when the run is stopped", async () => {
    const server = await serveHttp(() => undefined);
    const stop = new AbortController();
    const began = performance.now();
    setTimeout(() => stop.abort(new Error("interrupted twice")), 100);
    const sleeper = [process.execPath, "-e", "setInterval(() => {}, 1000)"];
    const url = `http://127.0.0.1:${server.port}/`;
    const warnings = await notify([{ url }, { command: sleeper }], event, stop.signal);
    await server.close();
    assert.match(warnings.join("; "), /interrupted twice.*was stopped/);
    assert.ok(performance.now() - began < 5_000);
  });
});
