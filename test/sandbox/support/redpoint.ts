import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import type { Kubernetes, KubernetesObject } from "../../../clients/contracts.ts";
import { loadConnection } from "../../../clients/kubernetes-connection.ts";
import { pods } from "../../../clients/kubernetes-kinds.ts";
import { openPortForward } from "../../../clients/port-forward.ts";
import { runProcess } from "../../../clients/process.ts";
import { packageRedpointChart, type RedpointGeneration } from "../../../sandbox/charts/redpoint-rpi.ts";
import type { Sandbox } from "../../../sandbox/contracts.ts";
import { createRedpointWorld, type RedpointWorld } from "../../../sandbox/redpoint/create-redpoint-world.ts";
import { onPostgres } from "../../../sandbox/redpoint/servers.ts";
import { until, withEnvironment } from "../clients-world.ts";

/** What a simulated service answered. */
export interface Answer {
  status: number;
  text: string;
  body: { Status?: string; Messages?: string[]; IsActivated?: boolean; Version?: string; detail?: string };
}

let worlds = 0;

/** v6 with databases of its own, by default on the sandbox's real PostgreSQL, and its namespaces. */
export function makeRedpointWorld(
  sandbox: Sandbox,
  tenants: string[],
  { source = onPostgres(sandbox.database), realtimeTenants = [] as string[] } = {},
): Promise<RedpointWorld> {
  worlds += 1;
  const prefix = `w${worlds}_`;
  return createRedpointWorld({
    sandbox,
    source,
    prefix: `w${worlds}-`,
    tenants,
    realtimeTenants,
    installation: { prefix, pulse: `${prefix}Pulse`, logging: `${prefix}Pulse_Logging`, realtime: false },
  });
}

/** Values that leave only deploymentapi of a main release. */
export const onlyDeploymentApi = Object.fromEntries(
  [
    ...["callbackapi", "executionservice", "integrationapi", "interactionapi", "nodemanager", "queuereader"],
    "realtimeapi",
  ].map((key) => [key, { enabled: false }]),
);

/** Runs helm in the sandbox; rejects with its words. */
export async function helm(sandbox: Sandbox, ...parameters: string[]): Promise<string> {
  const restore = withEnvironment({ KUBECONFIG: sandbox.kubeconfig, PATH: sandbox.environment["PATH"] ?? "" });
  try {
    const result = await runProcess(["helm", ...parameters]);
    if (result.exitCode !== 0) throw new Error(`helm ${parameters.join(" ")}: ${result.stderr}`);
    return result.stdout;
  } finally {
    restore();
  }
}

/** `helm upgrade --install` of a generation of the stand-in chart. */
export async function deployRedpoint(
  sandbox: Sandbox,
  release: { name: string; namespace: string; generation: RedpointGeneration; values: object },
): Promise<void> {
  const folder = await mkdtemp(join(sandbox.directory, "redpoint-chart-"));
  const { file } = packageRedpointChart(release.generation, folder);
  const values = join(folder, "values.json");
  await writeFile(values, JSON.stringify(release.values));
  await helm(sandbox, "upgrade", "--install", release.name, file, "-n", release.namespace, "-f", values);
}

/** All pods of a service that are not being deleted. */
export async function podsOfService(
  kubernetes: Kubernetes,
  namespace: string,
  service: string,
): Promise<KubernetesObject[]> {
  const labelSelector = `app.kubernetes.io/name=${service}`;
  const found = await kubernetes.list(pods, namespace, { labelSelector });
  return found.filter((pod) => pod.metadata.deletionTimestamp === undefined);
}

/** Ready condition of a pod. */
export function isReady(pod: KubernetesObject | undefined): boolean {
  const conditions = (pod?.status?.["conditions"] ?? []) as { type: string; status: string }[];
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

/** Name of the service's only pod, when it is Ready and runs the image. */
export function readyPod(
  kubernetes: Kubernetes,
  namespace: string,
  service: string,
  imageTag?: string,
): Promise<string> {
  return until(async () => {
    const found = await podsOfService(kubernetes, namespace, service);
    const images = found.map((pod) => (pod.spec?.["containers"] as { image: string }[])[0]?.image ?? "");
    const right = imageTag === undefined || images.every((image) => image.endsWith(`:${imageTag}`));
    return found.length === 1 && right && isReady(found[0]) ? found[0]?.metadata.name : null;
  });
}

/** One request to a pod's port 8080 through the API server's port-forward. Rejects when there is no whole answer. */
export async function ask(
  sandbox: Sandbox,
  pod: { namespace: string; name: string; port?: number },
  method: "GET" | "POST",
  path: string,
  body?: object,
): Promise<Answer> {
  const restore = withEnvironment({ KUBECONFIG: sandbox.kubeconfig });
  const stream = await loadConnection()
    .then((connection) =>
      openPortForward(connection, { namespace: pod.namespace, pod: pod.name, port: pod.port ?? 8080 }),
    )
    .finally(restore);
  try {
    return await new Promise((resolve, reject) => {
      stream.once("error", reject);
      const headers = { accept: "text/plain", host: "pod", connection: "close", "content-type": "application/json" };
      const sent = httpRequest({ method, path, headers, createConnection: () => stream }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.once("error", reject);
        response.once("end", () => {
          resolve({ status: response.statusCode ?? 0, text, body: bodyOf(text) });
        });
      });
      sent.once("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  } finally {
    stream.destroy();
  }
}

function bodyOf(text: string): Answer["body"] {
  return text.startsWith("{") ? (JSON.parse(text) as Answer["body"]) : {};
}

/** Asks for the run's status until it has ended. */
export async function endedRun(
  sandbox: Sandbox,
  pod: { namespace: string; name: string },
): Promise<{ status: string; messages: string[] }> {
  return until(async () => {
    const { status, body } = await ask(sandbox, pod, "GET", "/api/deployment/status");
    assert.equal(status, 200);
    return body.Status?.startsWith("LastRun") === true ? { status: body.Status, messages: body.Messages ?? [] } : null;
  });
}
