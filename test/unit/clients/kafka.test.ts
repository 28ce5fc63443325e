import assert from "node:assert/strict";
import { askKafka } from "../../../clients/kafka.ts";
import { releaseOf } from "../../../clients/kafka-wire.ts";
import { CutoverError } from "../../../model/error.ts";
import { closedPort, serveTcp, type Loopback } from "./loopback.ts";

const int16 = (value: number) => Buffer.from([(value >> 8) & 255, value & 255]);
const int32 = (value: number) => Buffer.concat([int16(value >> 16), int16(value)]);
const text = (value: string) => Buffer.concat([int16(value.length), Buffer.from(value)]);
const answerOf = (correlation: number, body: Buffer) =>
  Buffer.concat([int32(body.length + 4), int32(correlation), body]);

/** ApiVersions v0 as a 3.9 broker gives it, shortened. */
const apiVersions = Buffer.concat([
  int16(0),
  int32(3),
  ...[
    [0, 0, 11],
    [1, 4, 17],
    [3, 0, 12],
  ].flatMap((row) => row.map(int16)),
]);
const broker = (id: number) => Buffer.concat([int32(id), text("localhost"), int32(9092), int16(-1)]);
const metadata = Buffer.concat([int32(0), int32(2), broker(1), broker(2), text("cluster-x"), int32(1), int32(0)]);

const rejectsWith = (bootstrap: string, pattern: RegExp) =>
  assert.rejects(askKafka(bootstrap, { timeoutMilliseconds: 400 }), (error) => {
    assert.ok(error instanceof CutoverError);
    assert.equal(error.details.code, "CUT-4601");
    assert.equal(error.details.exitCode, 17);
    assert.match((error.details.evidence ?? []).join("\n"), pattern);
    return true;
  });

describe("Kafka client", () => {
  const servers: Loopback[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  const serve = async (answer: (apiKey: number, correlation: number) => Buffer | null) => {
    const server = await serveTcp((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (request) => {
        const whole = answer(request.readInt16BE(4), request.readInt32BE(8));
        if (whole === null) socket.destroy();
        // In two pieces, as a network may deliver it.
        else socket.write(whole.subarray(0, 3), () => setTimeout(() => socket.write(whole.subarray(3)), 5));
      });
    });
    servers.push(server);
    return `127.0.0.1:${server.port}`;
  };

  it("tells release, brokers and cluster, and names the bootstrap servers that are down", async () => {
    const good = await serve((key, correlation) => answerOf(correlation, key === 18 ? apiVersions : metadata));
    const down = `127.0.0.1:${await closedPort()}`;
    const facts = await askKafka(`${down}, ${good}`);
    assert.deepEqual([facts.server, facts.release, facts.brokers, facts.clusterId], [good, "3.9", 2, "cluster-x"]);
    assert.match(facts.unreachable.join(), new RegExp(`${down}: .*ECONNREFUSED`));
  });

  it("accepts a listener that wants a login before it tells more", async () => {
    const sasl = await serve((key, correlation) => (key === 18 ? answerOf(correlation, apiVersions) : null));
    const facts = await askKafka(sasl);
    assert.deepEqual([facts.release, facts.brokers], ["3.9", null]);
  });

  it("reports closed ports, silence and hang-ups", async () => {
    await rejectsWith(`127.0.0.1:${await closedPort()}`, /ECONNREFUSED/);
    const silent = await serveTcp(() => undefined);
    servers.push(silent);
    await rejectsWith(`127.0.0.1:${silent.port}`, /no answer within 400 ms/);
    await rejectsWith(await serve(() => null), /closed instead of an answer/);
    await rejectsWith("no-port", /host:port/);
    await rejectsWith("", /^$/);
  });

  it("recognises servers that are no Kafka broker", async () => {
    await rejectsWith(
      await serve(() => Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")),
      /does not speak the Kafka protocol.*HTTP/,
    );
    await rejectsWith(await serve(() => Buffer.from([0x15, 0x03, 0x03, 0, 2, 2, 0x28])), /speaks TLS/);
    await rejectsWith(
      await serve((_key, correlation) => answerOf(correlation, Buffer.from([0, 0, 0, 0, 0, 9]))),
      /cut short/,
    );
  });

  it("tells the release from the versions offered", () => {
    const of = (key: number, maximum: number) => releaseOf(new Map([[key, { minimum: 0, maximum }]]));
    assert.deepEqual([of(1, 11), of(1, 13), of(0, 12), of(18, 0)], ["2.3", "3.1", "4.0", "0.10"]);
  });
});
