import { connectKubernetes } from "../../clients/kubernetes.ts";
import type { Kubernetes, KubernetesObject, ResourceKind } from "../../clients/contracts.ts";
import { deployments, namespaces, pods } from "../../clients/kubernetes-kinds.ts";

/** Sets variables of this process and gives back what puts them as they were. */
export function withEnvironment(values: Record<string, string>): () => void {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, values);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** The client over one kubeconfig, whatever this process's own KUBECONFIG is. */
export async function connectBy(kubeconfig: string): Promise<Kubernetes> {
  const restore = withEnvironment({ KUBECONFIG: kubeconfig });
  try {
    return await connectKubernetes();
  } finally {
    restore();
  }
}

/** A namespace of its own for a test file; resolves when its default ServiceAccount, which pods need, is there. */
export async function makeNamespace(kubernetes: Kubernetes, name: string): Promise<string> {
  await kubernetes.create(namespaces, null, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  await until(async () => kubernetes.get(serviceAccounts, name, "default"));
  return name;
}

export const serviceAccounts: ResourceKind = { version: "v1", plural: "serviceaccounts", namespaced: true };

/** Asks until there is an answer; 20 s at most. */
export async function until<T>(ask: () => Promise<T | null | undefined>): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined) return answer;
    if (Date.now() > end) throw new Error("it did not happen within 20 s");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export const tag = "100.0.116.4200";
export const image = `registry.example/gim/gim:${tag}`;

/** A Deployment whose pods the sandbox leaves alone: the test reports their status, as a kubelet would. */
export function manifest(
  name: string,
  release: string,
  change: { replicas?: number; container?: object } = {},
): object {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels: { "app.kubernetes.io/instance": release } },
    spec: {
      replicas: change.replicas ?? 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { "sandbox.cutover.dev/application": "test" } },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "gim", image, ...change.container }] },
      },
    },
  };
}

export const deploy = (kubernetes: Kubernetes, namespace: string, body: object): Promise<KubernetesObject> =>
  kubernetes.create(deployments, namespace, body);

/** The first pod of an app that a node was found for. */
export function scheduledPod(kubernetes: Kubernetes, namespace: string, app: string): Promise<KubernetesObject> {
  return until(async () =>
    (await kubernetes.list(pods, namespace, { labelSelector: `app=${app}` })).find(
      (pod) => pod.spec?.["nodeName"] !== undefined && pod.metadata.deletionTimestamp === undefined,
    ),
  );
}

const condition = (type: string, value: boolean) => ({ type, status: value ? "True" : "False" });

/** Reports one container's status, as a kubelet would. */
export async function report(
  kubernetes: Kubernetes,
  pod: KubernetesObject,
  ready: boolean,
  state: object,
  restarts = 0,
): Promise<void> {
  const { namespace = "", name } = pod.metadata;
  const container = { name: "gim", image, imageID: "", ready, started: ready, restartCount: restarts, state };
  const status = {
    phase: ready ? "Running" : "Pending",
    conditions: [condition("PodScheduled", true), condition("Ready", ready), condition("ContainersReady", ready)],
    containerStatuses: [container],
  };
  await kubernetes.patch(pods, namespace, `${name}/status`, { status });
}

export const running = { running: { startedAt: "2026-11-22T10:00:00Z" } };
export const waiting = (reason: string, message: string): object => ({ waiting: { reason, message } });
