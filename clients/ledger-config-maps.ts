import { CutoverError, messageOf } from "../model/error.ts";
import type { Page } from "../model/ledger.ts";
import type { Kubernetes, KubernetesObject, ResourceKind } from "./contracts.ts";
import type { PageShelf, WriteOutcome } from "./ledger-contract.ts";
import { kindLabelKey, pageName, stackLabel, stackLabelKey } from "./ledger-name.ts";
import { readPage } from "./ledger-page.ts";

const configMaps: ResourceKind = { version: "v1", plural: "configmaps", namespaced: true };
const namespaces: ResourceKind = { version: "v1", plural: "namespaces", namespaced: false };

/** Pages as ConfigMaps: `resourceVersion` is the optimistic lock, closed pages are immutable. */
export function configMapShelf(kubernetes: Kubernetes, stack: string, namespace: string): PageShelf {
  return {
    stack,
    async read() {
      const found = await kubernetes.list(configMaps, namespace, {
        labelSelector: `${stackLabelKey}=${stackLabel(stack)},${kindLabelKey}=ledger`,
      });
      return found
        .map((object) => ({
          page: readPage(object.data?.["page"] ?? "", `${namespace}/${object.metadata.name}`),
          version: object.metadata.resourceVersion ?? "",
        }))
        .sort((a, b) => a.page.number - b.page.number);
    },
    async write(page, version) {
      const body = configMapOf(page, namespace, version);
      return version === null
        ? createPage(kubernetes, namespace, body)
        : attempt(() => kubernetes.replace(configMaps, namespace, body.metadata.name, body));
    },
  };
}

function configMapOf(page: Page, namespace: string, version: string | null): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: pageName(page.stack, page.number),
      namespace,
      labels: { [stackLabelKey]: stackLabel(page.stack), [kindLabelKey]: "ledger" },
      ...(version === null ? {} : { resourceVersion: version }),
    },
    data: { page: JSON.stringify(page) },
    ...(page.open ? {} : { immutable: true }),
  };
}

async function createPage(kubernetes: Kubernetes, namespace: string, body: KubernetesObject): Promise<WriteOutcome> {
  try {
    return await attempt(() => kubernetes.create(configMaps, namespace, body));
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    await createLedgerNamespace(kubernetes, namespace);
    return attempt(() => kubernetes.create(configMaps, namespace, body));
  }
}

/** Creates the ledger's namespace; being there already is fine. */
export async function createLedgerNamespace(kubernetes: Kubernetes, namespace: string): Promise<void> {
  try {
    await kubernetes.create(namespaces, null, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  } catch (error) {
    if (statusOf(error) === 409) return;
    throw new CutoverError(
      {
        code: "CUT-5005",
        verdict: "errored",
        happened: `the ledger's namespace ${namespace} is missing and could not be created`,
        evidence: [messageOf(error)],
        untouched: "Nothing was changed.",
        next: `kubectl create namespace ${namespace}`,
      },
      { cause: error },
    );
  }
}

async function attempt(write: () => Promise<unknown>): Promise<WriteOutcome> {
  try {
    await write();
    return "written";
  } catch (error) {
    const status = statusOf(error);
    if (status === 409 || status === 422) return "conflict";
    // No answer, a busy or a broken server: the write may have happened. The writer looks before it tries again.
    if (status === null || status === 429 || status >= 500) return { unknown: error };
    throw error;
  }
}

/** HTTP status of an API error, or null when the server did not answer. */
export function statusOf(error: unknown): number | null {
  return error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : null;
}
