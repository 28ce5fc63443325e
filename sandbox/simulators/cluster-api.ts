import { readFileSync } from "node:fs";
import { Agent, request as httpsRequest, type RequestOptions } from "node:https";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { parse } from "yaml";
import { CutoverError } from "../../model/error.ts";

interface NamedItem {
  name: string;
}
interface Kubeconfig {
  "current-context": string;
  contexts: (NamedItem & { context: { cluster: string; user: string } })[];
  clusters: (NamedItem & { cluster: Record<string, string> })[];
  users: (NamedItem & { user: Record<string, string> })[];
}

/** Thrown for HTTP answers >= 400 of the API server. */
export class ApiError extends Error {
  readonly status: number;

  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path}: HTTP ${status} ${body.slice(0, 300)}`);
    this.name = "ApiError";
    this.status = status;
  }
}

export type PatchKind = "merge" | "apply";
const patchTypes = { merge: "application/merge-patch+json", apply: "application/apply-patch+yaml" };

/**
 * The sandbox cluster's API server over kept connections. Small on purpose: the typed client takes a second to load,
 * and every demo, test and benchmark starts one of these.
 */
export class ClusterApi {
  private readonly base: URL;
  private readonly options: RequestOptions;

  /** `kubeconfig`: path of the file; its current context is used, with client certificates or a token. */
  constructor(kubeconfig: string) {
    const config = parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig;
    const context = named(config.contexts, config["current-context"], kubeconfig).context;
    const cluster = named(config.clusters, context.cluster, kubeconfig).cluster;
    const user = named(config.users, context.user, kubeconfig).user;
    this.base = new URL(cluster.server ?? "");
    const secure = this.base.protocol === "https:";
    this.options = {
      ...(secure ? { agent: new Agent({ keepAlive: true, maxSockets: 32 }), ...certificates(cluster, user) } : {}),
      ...(user.token === undefined ? {} : { headers: { authorization: `Bearer ${user.token}` } }),
    };
  }

  /** A request with a JSON answer; rejects with `ApiError`. */
  async call<T>(method: string, path: string, body?: unknown, contentType = "application/json"): Promise<T> {
    const response = await this.open(method, path, body === undefined ? undefined : JSON.stringify(body), contentType);
    let text = "";
    response.setEncoding("utf8");
    for await (const chunk of response) text += String(chunk);
    const status = response.statusCode ?? 0;
    if (status >= 400) throw new ApiError(method, path, status, text);
    return JSON.parse(text) as T;
  }

  /** Like `call` with GET, but null when the object does not exist. */
  async find<T>(path: string): Promise<T | null> {
    return this.call<T>("GET", path).catch(nullWhenMissing);
  }

  /** Merge patch, or server-side apply (creates the object when it does not exist). */
  async patch(path: string, body: unknown, kind: PatchKind = "merge"): Promise<void> {
    const query = kind === "apply" ? "?fieldManager=cutover-sandbox&force=true" : "";
    await this.call("PATCH", `${path}${query}`, body, patchTypes[kind]);
  }

  /** Deletes; an object that is already gone is fine. */
  async remove(path: string): Promise<void> {
    await this.call("DELETE", path).catch(nullWhenMissing);
  }

  /** One watch: calls back per event until the server ends it. Resolves then; rejects with `ApiError` (410: list again). */
  async watch(path: string, onEvent: (type: string, object: unknown) => void, signal: AbortSignal): Promise<void> {
    const response = await this.open("GET", path, undefined, "application/json", signal);
    if (response.statusCode !== 200) throw new ApiError("GET", path, response.statusCode ?? 0, "watch refused");
    response.setEncoding("utf8");
    let rest = "";
    for await (const chunk of response) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = JSON.parse(line) as { type: string; object: { code?: number } };
        if (event.type === "ERROR") throw new ApiError("GET", path, event.object.code ?? 0, line);
        onEvent(event.type, event.object);
      }
    }
  }

  private open(
    method: string,
    path: string,
    body: string | undefined,
    type: string,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const send = this.base.protocol === "https:" ? httpsRequest : httpRequest;
      const request = send(
        new URL(path, this.base),
        {
          ...this.options,
          method,
          headers: { accept: "application/json", "content-type": type, ...this.options.headers },
          ...(signal === undefined ? {} : { signal }),
        },
        resolve,
      );
      request.on("error", reject);
      request.end(body);
    });
  }
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null;
  throw error;
}

function named<Item extends NamedItem>(items: readonly Item[], name: string, file: string): Item {
  const found = items.find((item) => item.name === name);
  if (found !== undefined) return found;
  throw new CutoverError({
    code: "CUT-9300",
    verdict: "errored",
    happened: `The sandbox's kubeconfig has no entry ${name}.`,
    evidence: [file],
    next: "Start the sandbox again.",
  });
}

function certificates(cluster: Record<string, string>, user: Record<string, string>): RequestOptions {
  const read = (from: Record<string, string>, key: string): Buffer | undefined => {
    const inline = from[`${key}-data`];
    if (inline !== undefined) return Buffer.from(inline, "base64");
    return from[key] === undefined ? undefined : readFileSync(from[key]);
  };
  return {
    ca: read(cluster, "certificate-authority"),
    cert: read(user, "client-certificate"),
    key: read(user, "client-key"),
  };
}
