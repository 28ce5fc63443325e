import type { Json } from "../model/service.ts";
import type { Kubernetes, KubernetesObject, ResourceKind } from "./contracts.ts";
import { loadConnection, type ApiConnection } from "./kubernetes-connection.ts";
import { isApiError } from "./kubernetes-error.ts";
import { execInPod } from "./kubernetes-exec.ts";
import { openRequest, sendOnce, type ApiRequest } from "./kubernetes-http.ts";
import { pathOf, selfSubjectAccessReviews, selfSubjectReviews } from "./kubernetes-kinds.ts";
import { listAll, queryOf } from "./kubernetes-list.ts";
import { createRetry, defaultLimits, type RetryLimits } from "./kubernetes-retry.ts";
import { runInformer } from "./kubernetes-watch.ts";

// Above the server's own watch time-out, so that a connection that died silently is noticed.
const watchSeconds = 240;
const watchIdleMilliseconds = 90_000;

/**
 * Connects to the API server of the kubeconfig's current or named context. Makes no request yet.
 * @throws CutoverError CUT-4002 without a usable kubeconfig; requests throw CUT-4001 when the server cannot be reached, and ApiError for answers >= 400.
 */
export async function connectKubernetes(
  options: { context?: string | undefined; retryLimits?: RetryLimits } = {},
): Promise<Kubernetes> {
  return kubernetesOver(await loadConnection(options.context), options.retryLimits ?? defaultLimits);
}

function kubernetesOver(connection: ApiConnection, limits: RetryLimits): Kubernetes {
  const retry = createRetry(limits);
  const read = (path: string) => retry(() => sendOnce(connection, { method: "GET", path }));
  const write = async (request: ApiRequest) => JSON.parse(await sendOnce(connection, request)) as KubernetesObject;
  // Reviews are questions in the form of a create: asking twice changes nothing.
  const review = async (kind: ResourceKind, body: unknown) =>
    JSON.parse(
      await retry(() => sendOnce(connection, { method: "POST", path: pathOf(kind, null), body })),
    ) as KubernetesObject;
  return {
    async get(kind, namespace, name) {
      try {
        return JSON.parse(await read(pathOf(kind, namespace, name))) as KubernetesObject;
      } catch (error) {
        // A path that the server does not know at all answers 404 without a reason: that is an error, not an absent object.
        if (isApiError(error) && error.status === 404 && error.reason === "NotFound") return null;
        throw error;
      }
    },
    async list(kind, namespace, options = {}) {
      return (await retry(() => listAll(connection, kind, namespace, options))).items;
    },
    create: (kind, namespace, body) => write({ method: "POST", path: pathOf(kind, namespace), body }),
    replace: (kind, namespace, name, body) => write({ method: "PUT", path: pathOf(kind, namespace, name), body }),
    patch: (kind, namespace, name, body) =>
      write({
        method: "PATCH",
        path: pathOf(kind, namespace, name),
        body,
        contentType: "application/merge-patch+json",
      }),
    async delete(kind, namespace, name) {
      try {
        await sendOnce(connection, { method: "DELETE", path: pathOf(kind, namespace, name) });
      } catch (error) {
        if (!(isApiError(error) && error.status === 404 && error.reason === "NotFound")) throw error;
      }
    },
    watch: (kind, namespace, options, onChange, signal) =>
      runInformer(
        {
          list: (stop) => listAll(connection, kind, namespace, options, stop),
          open: (resourceVersion, stop) => {
            const timing = { watch: "1", allowWatchBookmarks: "true", timeoutSeconds: String(watchSeconds) };
            const path = pathOf(kind, namespace) + queryOf({ ...options, ...timing, resourceVersion });
            return openRequest(connection, {
              method: "GET",
              path,
              signal: stop,
              idleMilliseconds: watchIdleMilliseconds,
            });
          },
        },
        onChange,
        signal,
      ),
    logTail: (namespace, pod, container, lines, previous = false) =>
      readLog(connection, `/api/v1/namespaces/${namespace}/pods/${pod}/log`, container, lines, previous),
    exec: (namespace, pod, container, command, options) =>
      execInPod(connection, { namespace, pod, container, command, ...options }),
    async portForward(request) {
      const { openPortForward } = await import("./port-forward.ts");
      return openPortForward(connection, request);
    },
    async raw(path) {
      const text = await read(path);
      try {
        return JSON.parse(text) as Json;
      } catch {
        return text;
      }
    },
    async can(verb, group, resource, namespace) {
      const [name = resource, subresource] = resource.split("/");
      const attributes = {
        verb,
        group,
        resource: name,
        ...(subresource === undefined ? {} : { subresource }),
        ...(namespace === null ? {} : { namespace }),
      };
      const kind = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" };
      const answer = await review(selfSubjectAccessReviews, { ...kind, spec: { resourceAttributes: attributes } });
      return answer.status?.["allowed"] === true;
    },
    async whoAmI() {
      const answer = await review(selfSubjectReviews, {
        apiVersion: "authentication.k8s.io/v1",
        kind: "SelfSubjectReview",
      });
      const info = answer.status?.["userInfo"] as { username?: string } | undefined;
      return info?.username ?? "";
    },
  };
}

// Not repeated on 5xx: the kubelet behind it may be gone for good, and log lines are evidence, not a decision.
async function readLog(connection: ApiConnection, path: string, container: string, lines: number, previous: boolean) {
  const query = queryOf({ container, tailLines: String(lines), previous: previous ? "true" : undefined });
  try {
    const text = await sendOnce(connection, { method: "GET", path: path + query, idleMilliseconds: 3_000 });
    return text.split("\n").filter((line) => line !== "");
  } catch (error) {
    if (isApiError(error) && (error.status === 400 || error.status === 404)) return [];
    throw error;
  }
}
