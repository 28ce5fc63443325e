import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { openPortForward } from "../../../clients/port-forward.ts";

/** A message of channel 0 (data) or 1 (error) of `v4.channel.k8s.io`, as one WebSocket frame; shorter than 126 bytes. */
function frame(channel: 0 | 1, payload: string | Buffer): Buffer {
  const body = Buffer.concat([Buffer.from([channel]), Buffer.from(payload)]);
  return Buffer.concat([Buffer.from([0x82, body.length]), body]);
}

const portNumber = Buffer.from([0x90, 0x1f]);

/** An API server that answers the upgrade and sends these frames in the very same packet. */
async function apiServer(...frames: Buffer[]): Promise<{ port: number; closed: () => number; stop(): Promise<void> }> {
  const server = createServer();
  const sockets = new Set<Socket>();
  let closed = 0;
  server.on("upgrade", (request: IncomingMessage, stream: Duplex) => {
    const socket = stream as Socket;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => (closed += 1));
    // Opcode 8: the client closes; answered, as RFC 6455 wants.
    socket.on("data", (data: Buffer) => ((data[0] ?? 0) & 0x0f) === 8 && socket.end(Buffer.from([0x88, 0])));
    const key = `${request.headers["sec-websocket-key"] ?? ""}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const head = [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Protocol: v4.channel.k8s.io",
      `Sec-WebSocket-Accept: ${createHash("sha1").update(key).digest("base64")}`,
    ];
    socket.write(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), ...frames]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    closed: () => closed,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function open(port: number): Promise<Duplex> {
  const server = `http://127.0.0.1:${port}`;
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: "c", server, skipTLSVerify: true }, { name: "u" });
  const connection = {
    server,
    requestOptions: () => Promise.resolve({}),
    kubeConfig: () => Promise.resolve(config),
  };
  return openPortForward(connection, { namespace: "rpi", pod: "rpi-deploymentapi-1", port: 8080 });
}

describe("a port-forward", () => {
  let uncaught: unknown[];
  const note = (error: unknown) => uncaught.push(error);
  // Mocha's own listeners would end the test run by what one test caused.
  let before: NodeJS.UncaughtExceptionListener[];
  beforeEach(() => {
    uncaught = [];
    before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", note);
  });
  afterEach(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
  });

  it("that the node refuses at once is not opened, with the node's words, and does not end the process", async () => {
    const words = "error forwarding port 8080 to pod: connection refused";
    const server = await apiServer(frame(0, portNumber), frame(1, portNumber), frame(1, words));
    try {
      await assert.rejects(
        open(server.port),
        /port-forward to pod rpi\/rpi-deploymentapi-1, port 8080: .*connection refused/,
      );
      await sleep(50);
      assert.deepEqual(uncaught, []);
      for (let tries = 0; server.closed() === 0 && tries < 100; tries += 1) await sleep(20);
      assert.equal(server.closed(), 1, "its connection is closed");
    } finally {
      await server.stop();
    }
  });

  it("that the node gives up before anybody listens does not end the process either, and says why", async () => {
    const server = await apiServer(frame(0, portNumber), frame(1, portNumber));
    try {
      const stream = await open(server.port);
      await server.stop();
      for (let tries = 0; !stream.destroyed && !stream.readableEnded && tries < 100; tries += 1) {
        stream.resume();
        await sleep(20);
      }
      assert.deepEqual(uncaught, []);
      await new Promise((resolve) => stream.write("x", resolve));
      await sleep(20);
      assert.deepEqual(uncaught, []);
      assert.match(String(stream.errored), /the tunnel is closed|the connection broke/);
    } finally {
      await server.stop();
    }
  });
});
