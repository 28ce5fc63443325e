import { Duplex, PassThrough, Writable } from "node:stream";
import type { ApiConnection } from "./kubernetes-connection.ts";
import { ApiError, codeOf, unreachable } from "./kubernetes-error.ts";

/** Which port of which pod. */
export interface PortForwardRequest {
  namespace: string;
  pod: string;
  port: number;
  signal?: AbortSignal;
}

// The part of the library's WebSocket (package ws) that is used; its types need a package that is not there.
interface TunnelSocket {
  readyState: number;
  close(): void;
  ping(): void;
  addEventListener(type: "close" | "error", listener: () => void): void;
}

// Balancers in front of API servers drop connections without traffic after a few minutes; an upgrade call may be silent for longer.
const pingMilliseconds = 20_000;
const connectMilliseconds = 15_000;
const open = 1;

/**
 * One connection to a port of a pod, over the API server, as `kubectl port-forward` makes it, but without a local port that others
 * could use. Writing begins only after the tunnel is open: before that nothing can have reached the pod. The stream ends when the pod
 * closes it and fails with the node's words when the port cannot be reached; without a listener that ends no process.
 * @throws ApiError when the API server refuses, or the node at once; CutoverError CUT-4001 when it cannot be reached.
 */
export async function openPortForward(connection: ApiConnection, request: PortForwardRequest): Promise<Duplex> {
  const { namespace, pod, port, signal } = request;
  const what = `port-forward to pod ${namespace}/${pod}, port ${port}`;
  const [{ PortForward }, config] = await Promise.all([
    import("@kubernetes/client-node/dist/portforward.js"),
    connection.kubeConfig(),
  ]);
  const toPod = new PassThrough();
  const tunnel = new Tunnel(toPod);
  const problems = new Writable({
    write(chunk: Buffer, _encoding, done) {
      // Empty: the port number before the first message, which the library takes off.
      const said = chunk.toString("utf8").trim();
      if (said !== "") tunnel.destroy(new ApiError(502, "PortForwardFailed", `${what}: ${said}`));
      done();
    },
  });
  const limit = AbortSignal.timeout(connectMilliseconds);
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const opening = new PortForward(config).portForward(namespace, pod, [port], tunnel.fromPod, problems, toPod);
  const socket = (await untilAborted(opening, stop, () => giveUp(opening)).catch((error: unknown) => {
    if (signal?.aborted === true) throw signal.reason;
    throw refused(error, what, new URL(connection.server).host, limit.aborted);
  })) as TunnelSocket;
  tunnel.attach(socket, what);
  // The node's refusal may come in the same packet as the API server's yes.
  await new Promise((resolve) => setImmediate(resolve));
  if (tunnel.errored !== null) throw tunnel.errored;
  return tunnel;
}

/** What is written goes to the pod; what the pod sends is read. */
class Tunnel extends Duplex {
  /** The library writes the pod's bytes here. */
  readonly fromPod: Writable;
  private readonly toPod: PassThrough;
  private socket: TunnelSocket | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(toPod: PassThrough) {
    super({ allowHalfOpen: true });
    this.toPod = toPod;
    // It may break before its user listens; `errored` keeps why.
    this.on("error", () => undefined);
    this.fromPod = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        // The pod's bytes come as messages that cannot be held back: they are few.
        if (!this.destroyed && chunk.length > 0) this.push(chunk);
        done();
      },
    });
  }

  attach(socket: TunnelSocket, what: string): void {
    this.socket = socket;
    if (this.destroyed) {
      socket.close();
      return;
    }
    const ended = () => {
      clearInterval(this.timer);
      if (!this.destroyed) this.push(null);
    };
    socket.addEventListener("close", ended);
    socket.addEventListener("error", () => {
      this.destroy(new ApiError(502, "ConnectionClosed", `${what}: the connection broke`));
    });
    this.timer = setInterval(() => {
      if (socket.readyState === open) socket.ping();
    }, pingMilliseconds);
    this.timer.unref();
    if (socket.readyState > open) ended();
  }

  override _read(): void {
    // Pushed as it comes.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.socket?.readyState !== open) done(new ApiError(502, "ConnectionClosed", "the tunnel is closed"));
    else this.toPod.write(chunk, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.timer);
    this.socket?.close();
    done(error);
  }
}

// The library has no way to stop opening: what opens too late is closed again.
function giveUp(opening: Promise<unknown>): void {
  opening.then((late) => (late as TunnelSocket).close()).catch(() => undefined);
}

function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal, onAbort: () => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      onAbort();
      reject(signal.reason as Error);
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function refused(error: unknown, what: string, server: string, late: boolean): Error {
  if (late) return new ApiError(504, "Timeout", `${what}: no connection within ${connectMilliseconds / 1000} s`);
  // WebSocket errors come as events whose message is a property.
  const message = (error as { message?: unknown } | null)?.message;
  const text = typeof message === "string" && message !== "" ? message : "the connection could not be made";
  const status = Number(/server response: (\d{3})/.exec(text)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) {
    const cause = (error as { error?: unknown } | null)?.error ?? error;
    if (codeOf(cause) !== "") return unreachable(server, cause);
  }
  return new ApiError(
    Number.isNaN(status) ? 502 : status,
    status === 404 ? "NotFound" : "ConnectFailed",
    `${what}: ${text}`,
  );
}
