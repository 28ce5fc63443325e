import type * as http from "node:http";
import * as https from "node:https";
import { apiErrorOf, codeOf, unreachable } from "./kubernetes-error.ts";
import { plainHttp, type ApiConnection } from "./kubernetes-connection.ts";

/** One request to the API server. */
export interface ApiRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path with query, below the server's address. */
  path: string;
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal;
  /** Milliseconds without a byte after which the request is given up; default 20 000. */
  idleMilliseconds?: number;
}

/** Opens a request and gives the answer once its headers are there. Rejects with an ApiError for answers >= 400. */
export async function openRequest(connection: ApiConnection, request: ApiRequest): Promise<http.IncomingMessage> {
  const options = await connection.requestOptions();
  const url = new URL(connection.server + request.path);
  const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
  const headers: http.OutgoingHttpHeaders = {
    ...(options.headers as http.OutgoingHttpHeaders | undefined),
    accept: "application/json",
    ...(body === undefined
      ? {}
      : { "content-type": request.contentType ?? "application/json", "content-length": body.length }),
  };
  const answer = await answerTo({ ...options, method: request.method, headers }, url, body, request);
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  const what = `${request.method} ${url.pathname}`;
  throw apiErrorOf(status, await readText(answer), what, answer.headers["retry-after"]);
}

function answerTo(
  options: https.RequestOptions,
  url: URL,
  body: Buffer | undefined,
  { signal, idleMilliseconds = 20_000 }: ApiRequest,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === "http:" ? plainHttp().request : https.request)(url, options);
    let answer: http.IncomingMessage | null = null;
    // Not by node's own `signal` option: once the answer is complete its socket is back in the pool, and an abort at that moment raises an
    // error there that nobody listens to, which ends the process. Seen in a test.
    const stop = (error: Error) => {
      if (answer?.complete === true) return;
      if (answer === null) reject(error);
      answer?.destroy(error);
      sent.destroy();
    };
    const abort = () => {
      stop(new DOMException("The request was aborted.", "AbortError"));
    };
    signal?.addEventListener("abort", abort, { once: true });
    sent.on("close", () => signal?.removeEventListener("abort", abort));
    sent.on("error", reject);
    sent.on("response", (response) => {
      answer = response;
      // Readers see errors by their own means; one that comes between two reads must not end the process.
      response.on("error", () => undefined);
      resolve(response);
    });
    sent.setTimeout(idleMilliseconds, () => {
      stop(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" }));
    });
    sent.end(body);
    if (signal?.aborted === true) abort();
  });
}

/** The whole body as text. */
export async function readText(answer: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** One request, whole answer as text. Connection errors become CUT-4001; an aborted request rejects with the signal's reason. */
export async function sendOnce(connection: ApiConnection, request: ApiRequest): Promise<string> {
  try {
    return await readText(await openRequest(connection, request));
  } catch (error) {
    if (request.signal?.aborted === true) throw request.signal.reason;
    throw codeOf(error) === "" ? error : unreachable(new URL(connection.server).host, error);
  }
}
