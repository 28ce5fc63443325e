import type { ClientRequest, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { messageOf } from "../model/error.ts";
import { plainHttp } from "./kubernetes-connection.ts";
import type { EndpointConnection } from "./service-endpoint.ts";

/** What to send. */
export interface SingleRequest {
  method: "GET" | "POST";
  /** Path with query, below the endpoint's base. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Milliseconds for the whole answer. */
  timeoutMilliseconds: number;
  signal?: AbortSignal;
  /** Called once when the whole request was handed to the connection. */
  onSent?: () => void;
}

/** What came of it. `notSent`: it is certain that no byte left. `cut`: bytes left, and no whole answer came. */
export type SingleResult =
  | { outcome: "answered"; status: number; body: string }
  | { outcome: "notSent"; problem: string }
  | { outcome: "cut"; problem: string };

const mostBytes = 1024 * 1024;

/**
 * Sends one request on a fresh connection, exactly once: no agent (which would repeat it when a kept-alive socket turns out dead), no
 * redirect followed, no repetition of any kind. Never rejects, but for an abort, with the signal's reason.
 */
export async function sendSingle(connection: EndpointConnection, request: SingleRequest): Promise<SingleResult> {
  const { stream, base } = connection;
  const { signal } = request;
  if (stream.destroyed || !stream.writable) {
    const why = stream.errored === null ? "" : `: ${messageOf(stream.errored)}`;
    return { outcome: "notSent", problem: `the connection was closed before${why}` };
  }
  if (signal?.aborted === true) throw signal.reason;
  const headers: Record<string, string> = { ...request.headers, host: base.host, connection: "close" };
  if (base.username !== "") {
    const pair = `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`;
    headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
  }
  if (request.body !== undefined) headers["content-length"] = String(Buffer.byteLength(request.body));
  const path = `${base.pathname.replace(/\/+$/, "")}${request.path}`;
  const sent = plainHttp().request({ method: request.method, path, headers, createConnection: () => stream });
  try {
    return await outcomeOf(sent, stream, request);
  } finally {
    sent.destroy();
    stream.destroy();
  }
}

function outcomeOf(sent: ClientRequest, stream: Duplex, request: SingleRequest): Promise<SingleResult> {
  const { signal, timeoutMilliseconds, onSent } = request;
  return new Promise((resolve, reject) => {
    const end = (result: SingleResult) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      resolve(result);
    };
    const cut = (problem: string) => end({ outcome: "cut", problem });
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => cut(`no whole answer within ${timeoutMilliseconds / 1000} s`), timeoutMilliseconds);
    signal?.addEventListener("abort", abort, { once: true });
    sent.once("finish", () => onSent?.());
    // Also when it comes after the end: nobody else listens.
    sent.on("error", (error) => cut(messageOf(error)));
    stream.on("error", (error) => cut(messageOf(error)));
    sent.on("response", (answer) => {
      readBody(answer).then(
        (body) => end({ outcome: "answered", status: answer.statusCode ?? 0, body }),
        (error: unknown) => cut(`the answer ${answer.statusCode ?? ""} broke off: ${messageOf(error)}`),
      );
    });
    sent.end(request.body);
  });
}

async function readBody(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > mostBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString("utf8");
}
