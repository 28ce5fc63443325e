import type { KubernetesObject, ListOptions, ResourceKind } from "./contracts.ts";
import type { ApiConnection } from "./kubernetes-connection.ts";
import { isApiError } from "./kubernetes-error.ts";
import { sendOnce } from "./kubernetes-http.ts";
import { pathOf } from "./kubernetes-kinds.ts";
import type { Listed } from "./kubernetes-watch.ts";

interface ListAnswer {
  kind: string;
  apiVersion: string;
  metadata: { resourceVersion?: string; continue?: string };
  items: KubernetesObject[] | null;
}

/** Query text of selectors and other parameters; absent ones are left out. */
export function queryOf(parameters: Record<string, string | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** Lists a collection, page by page; all pages show one and the same moment. */
export async function listAll(
  connection: ApiConnection,
  kind: ResourceKind,
  namespace: string | null,
  options: ListOptions,
  signal?: AbortSignal,
): Promise<Listed> {
  try {
    return await listPages(connection, kind, namespace, options, "500", signal);
  } catch (error) {
    // The moment of the first page was compacted away meanwhile: one unpaged list cannot meet that.
    if (isApiError(error) && error.status === 410) {
      return listPages(connection, kind, namespace, options, undefined, signal);
    }
    throw error;
  }
}

async function listPages(
  connection: ApiConnection,
  kind: ResourceKind,
  namespace: string | null,
  options: ListOptions,
  limit: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Listed> {
  const items: KubernetesObject[] = [];
  let next: string | undefined;
  for (;;) {
    const query = queryOf({ ...options, limit, continue: next });
    const path = pathOf(kind, namespace) + query;
    const text = await sendOnce(connection, { method: "GET", path, ...(signal === undefined ? {} : { signal }) });
    const answer = JSON.parse(text) as ListAnswer;
    // Items of a list come without kind and apiVersion.
    const itemKind = answer.kind.replace(/List$/, "");
    for (const item of answer.items ?? []) items.push({ ...item, apiVersion: answer.apiVersion, kind: itemKind });
    next = answer.metadata.continue;
    if (next === undefined || next === "") return { items, resourceVersion: answer.metadata.resourceVersion ?? "" };
  }
}
