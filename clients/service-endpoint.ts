import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import { at, conditionOf, listAt, numberAt, textAt } from "../model/cluster-object.ts";
import { CutoverError } from "../model/error.ts";
import { parseImage } from "../model/image-reference.ts";
import type { Json } from "../model/service.ts";
import type { Kubernetes, KubernetesObject } from "./contracts.ts";
import { publicAddress } from "./http.ts";
import { connectionProblem } from "./kubernetes-error.ts";
import { pods as podKind, services } from "./kubernetes-kinds.ts";

/** An HTTP API of a release: a port of a Kubernetes Service, or a public address. */
export interface EndpointReference {
  namespace: string;
  service: string;
  /** Of the Service. */
  port: number;
  /** Used instead of the port-forward. */
  url?: string | undefined;
}

/** A connection on which nothing was sent yet. */
export interface EndpointConnection {
  stream: Duplex;
  /** Base of the address, for the request's path and Host header: no login in it. */
  base: URL;
  /** Pod at its other end; null: a public address. */
  pod: string | null;
}

const connectMilliseconds = 10_000;

/** The Service's pods that are not being deleted; null: there is no such Service, or it selects none (no selector). */
export async function podsOfService(
  kubernetes: Kubernetes,
  endpoint: Pick<EndpointReference, "namespace" | "service">,
): Promise<{ service: KubernetesObject; pods: KubernetesObject[] } | null> {
  const service = await kubernetes.get(services, endpoint.namespace, endpoint.service);
  const selector = Object.entries((service?.spec?.["selector"] ?? {}) as Record<string, string>);
  if (service === null || selector.length === 0) return null;
  const labelSelector = selector.map(([key, value]) => `${key}=${value}`).join(",");
  const pods = await kubernetes.list(podKind, endpoint.namespace, { labelSelector });
  return { service, pods: pods.filter((pod) => pod.metadata.deletionTimestamp === undefined) };
}

export function isReadyPod(pod: KubernetesObject): boolean {
  return conditionOf(pod, "Ready")?.status === "True";
}

/** True when a container of the pod runs this tag; always true when no tag is wanted. */
export function runsTag(pod: KubernetesObject, tag: string | null): boolean {
  const images = listAt(pod.spec, "containers").map((container) => textAt(container, "image"));
  return tag === null || images.some((image) => parseImage(image).tag === tag);
}

/**
 * A fresh connection to the API: to `prefer` while that pod is there, else to a Ready pod of the Service that runs `imageTag`.
 * @throws CutoverError CUT-5720 no such Service or port, CUT-5721 no Ready pod, CUT-5722 the address gives no connection; ApiError from the port-forward.
 */
export async function connectEndpoint(
  kubernetes: Kubernetes,
  endpoint: EndpointReference,
  options: { imageTag?: string | null; prefer?: string | null; signal?: AbortSignal } = {},
): Promise<EndpointConnection> {
  const { signal, imageTag = null, prefer = null } = options;
  if (endpoint.url !== undefined) return quiet(await connectAddress(endpoint.url, signal));
  const { namespace, service: name, port } = endpoint;
  const found = await podsOfService(kubernetes, endpoint);
  if (found === null) throw noService(endpoint, "there is no such Service with a selector");
  const entry = listAt(found.service.spec, "ports").find((one) => numberAt(one, -1, "port") === port);
  if (entry === undefined) throw noService(endpoint, `the Service has no port ${port}`);
  const pod =
    found.pods.find((one) => one.metadata.name === prefer) ??
    found.pods.find((one) => isReadyPod(one) && runsTag(one, imageTag));
  if (pod === undefined) throw noReadyPod(endpoint, found.pods, imageTag);
  const target = containerPort(pod, entry, port);
  if (target === null) throw noService(endpoint, `pod ${pod.metadata.name} has no port named ${targetName(entry)}`);
  const request = { namespace, pod: pod.metadata.name, port: target, ...(signal === undefined ? {} : { signal }) };
  const stream = await kubernetes.portForward(request);
  return quiet({ stream, base: new URL(`http://${name}.${namespace}:${port}/`), pod: pod.metadata.name });
}

/** A connection that breaks before it is used must not end the process; whoever uses it notices. */
function quiet(connection: EndpointConnection): EndpointConnection {
  connection.stream.on("error", () => undefined);
  return connection;
}

/** A number, the number of a named container port, or the Service's own port. */
function containerPort(pod: KubernetesObject, entry: Json, port: number): number | null {
  const target = at(entry, "targetPort");
  if (typeof target === "number") return target;
  if (typeof target !== "string") return port;
  if (/^\d+$/.test(target)) return Number(target);
  const ports = listAt(pod.spec, "containers").flatMap((container) => listAt(container, "ports"));
  const named = ports.find((one) => textAt(one, "name") === target);
  return named === undefined ? null : numberAt(named, port, "containerPort");
}

const targetName = (entry: Json): string => textAt(entry, "targetPort");

async function connectAddress(url: string, signal: AbortSignal | undefined): Promise<EndpointConnection> {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base === null || !/^https?:$/.test(base.protocol)) throw noConnection(url, new Error("it is no http address"));
  const secure = base.protocol === "https:";
  const host = base.hostname.replace(/^\[|\]$/g, "");
  const port = base.port === "" ? (secure ? 443 : 80) : Number(base.port);
  const { connect: connectTls } = await import("node:tls");
  const { isIP } = await import("node:net");
  const stream = secure
    ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ALPNProtocols: ["http/1.1"] })
    : connectTcp({ host, port });
  const limit = AbortSignal.timeout(connectMilliseconds);
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  try {
    await new Promise<void>((resolve, reject) => {
      stream.once(secure ? "secureConnect" : "connect", resolve);
      stream.once("error", reject);
      stop.addEventListener("abort", () => reject(stop.reason as Error), { once: true });
    });
  } catch (error) {
    stream.destroy();
    if (signal?.aborted === true) throw signal.reason;
    throw noConnection(url, limit.aborted ? new Error(`no connection within ${connectMilliseconds} ms`) : error);
  }
  return { stream, base, pod: null };
}

function noService(endpoint: EndpointReference, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-5720",
    verdict: "errored",
    happened: `Service ${endpoint.namespace}/${endpoint.service}, port ${endpoint.port} cannot be reached`,
    evidence: [problem],
    untouched: "Nothing was sent.",
    next: `kubectl get service ${endpoint.service} -n ${endpoint.namespace} -o yaml; correct service and port in the release set, or give a url`,
  });
}

function noReadyPod(endpoint: EndpointReference, pods: readonly KubernetesObject[], tag: string | null): CutoverError {
  const state = (pod: KubernetesObject) =>
    `pod ${pod.metadata.name}: ${isReadyPod(pod) ? "Ready" : "not Ready"}${runsTag(pod, tag) ? "" : `, does not run ${tag}`}`;
  return new CutoverError({
    code: "CUT-5721",
    verdict: "errored",
    happened: `no Ready pod of Service ${endpoint.namespace}/${endpoint.service}${tag === null ? "" : ` runs ${tag}`}`,
    evidence: pods.length === 0 ? ["its selector finds no pod"] : pods.map(state),
    untouched: "Nothing was sent.",
    next: `kubectl get pods -n ${endpoint.namespace}`,
  });
}

function noConnection(url: string, cause: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-5722",
      verdict: "errored",
      happened: `${publicAddress(url)} gives no connection`,
      evidence: [connectionProblem(cause)],
      untouched: "Nothing was sent.",
      next: "Check that the address is right and the service runs.",
    },
    { cause },
  );
}
