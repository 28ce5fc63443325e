import * as z from "zod";
import { CutoverError } from "../model/error.ts";
import { scrubConnectionText } from "../model/scrub.ts";
import { parseUpgradeStatus, type UpgradeStatus } from "../model/upgrade-api.ts";
import type { Kubernetes } from "./contracts.ts";
import { createRedactor } from "./redaction.ts";
import { connectEndpoint, type EndpointConnection, type EndpointReference } from "./service-endpoint.ts";
import { sendSingle, type SingleRequest, type SingleResult } from "./single-request.ts";

/** The upgrade call, connected and not sent. */
export interface PreparedUpgrade {
  /** Pod that will be called; null: a public address. */
  pod: string | null;
  /** Sends it, once; a second call of this function is refused. */
  send(options: { timeoutMilliseconds: number; signal?: AbortSignal; onSent?: () => void }): Promise<SingleResult>;
  /** Closes the connection without sending anything. */
  close(): void;
}

/** The deployment API of Redpoint Interaction (facts/domain.md A2). Nothing is ever repeated by this client. */
export interface DeploymentApi {
  /** True when the path answers 200; `problem` says what it does instead. */
  ready(path: string): Promise<{ ready: boolean; problem: string }>;
  /** @throws CutoverError CUT-5730 without an answer of the expected form. */
  status(path: string, prefer?: string | null): Promise<UpgradeStatus>;
  /** Connects for `GET <path>?waitTimeoutSeconds=...`. @throws as connectEndpoint. */
  prepareUpgrade(path: string, waitTimeoutSeconds: number): Promise<PreparedUpgrade>;
  /** @throws CutoverError CUT-5730. */
  licenceActive(path: string): Promise<boolean>;
  /** Activates the licence, one POST. The key reaches neither errors nor answers. */
  activateLicence(path: string, licence: { activationKey: string; systemName: string }): Promise<LicenceAnswer>;
}

/** `accepted`: status 200. `problem`: what the API said, without the key. */
export interface LicenceAnswer {
  accepted: boolean;
  problem: string;
}

const shortMilliseconds = 10_000;
const licenceMilliseconds = 60_000;
const licenceStatus = z.object({ isactivated: z.boolean() });

/** The API behind an endpoint. `imageTag`: only pods that run it are asked, since an old one may still be Ready. */
export function openDeploymentApi(
  kubernetes: Kubernetes,
  endpoint: EndpointReference,
  options: { imageTag?: string | null; signal: AbortSignal },
): DeploymentApi {
  const { imageTag = null, signal } = options;
  const connect = (prefer: string | null = null): Promise<EndpointConnection> =>
    connectEndpoint(kubernetes, endpoint, { imageTag, prefer, signal });
  const ask = async (request: Omit<SingleRequest, "signal">, prefer?: string | null): Promise<SingleResult> =>
    sendSingle(await connect(prefer), { ...request, signal });
  const get = (path: string, prefer?: string | null): Promise<SingleResult> =>
    ask(
      {
        method: "GET",
        path,
        headers: { accept: "application/json, text/plain" },
        timeoutMilliseconds: shortMilliseconds,
      },
      prefer,
    );
  return {
    async ready(path) {
      const result = await get(path);
      const problem = `${path} ${describeResult(result)}`;
      return { ready: result.outcome === "answered" && result.status === 200, problem };
    },
    async status(path, prefer) {
      const result = await get(path, prefer);
      const status = result.outcome === "answered" && result.status === 200 ? parseUpgradeStatus(result.body) : null;
      if (status === null) throw noAnswer(path, result);
      return status;
    },
    async prepareUpgrade(path, waitTimeoutSeconds) {
      const connection = await connect();
      return preparedUpgrade(connection, `${path}?waitTimeoutSeconds=${waitTimeoutSeconds}`);
    },
    async licenceActive(path) {
      const result = await get(path);
      const active = result.outcome === "answered" && result.status === 200 ? activeOf(result.body) : null;
      if (active === null) throw noAnswer(path, result);
      return active;
    },
    async activateLicence(path, { activationKey, systemName }) {
      const result = await ask({
        method: "POST",
        path,
        headers: { accept: "application/json, text/plain", "content-type": "application/json" },
        body: JSON.stringify({ ActivationKey: activationKey, SystemName: systemName }),
        timeoutMilliseconds: licenceMilliseconds,
      });
      const problem = createRedactor([activationKey]).redact(`${path} ${describeResult(result)}`);
      return { accepted: result.outcome === "answered" && result.status === 200, problem };
    },
  };
}

function preparedUpgrade(connection: EndpointConnection, path: string): PreparedUpgrade {
  let used = false;
  return {
    pod: connection.pod,
    async send(options) {
      if (used) throw new Error("the upgrade call is sent once");
      used = true;
      return sendSingle(connection, { method: "GET", path, headers: { accept: "text/plain" }, ...options });
    },
    close() {
      used = true;
      connection.stream.destroy();
    },
  };
}

function activeOf(body: string): boolean | null {
  try {
    const value: unknown = JSON.parse(body.replace(/^\uFEFF/, ""));
    if (typeof value === "boolean") return value;
    const lower = Object.fromEntries(Object.entries(value ?? {}).map(([key, inner]) => [key.toLowerCase(), inner]));
    const parsed = licenceStatus.safeParse(lower);
    return parsed.success ? parsed.data.isactivated : null;
  } catch {
    return null;
  }
}

/** `answers 500: ...`, or why there was no answer; without logins and passwords. */
export function describeResult(result: SingleResult): string {
  if (result.outcome !== "answered") return `gave no answer: ${result.problem}`;
  const said = scrubConnectionText(result.body.trim().replace(/\s+/g, " ")).slice(0, 500);
  return `answers ${result.status}${said === "" ? "" : `: ${said}`}`;
}

function noAnswer(path: string, result: SingleResult): CutoverError {
  return new CutoverError({
    code: "CUT-5730",
    verdict: "errored",
    happened: `${path} of the deployment API gave no answer that could be read`,
    evidence: [`${path} ${describeResult(result)}`],
    untouched: "Asking changes nothing.",
    next: "Look at the pod's log, then run the same command again.",
  });
}
