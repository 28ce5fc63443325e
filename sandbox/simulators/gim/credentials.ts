import type { ClusterApi } from "../cluster-api.ts";
import type { Login } from "../database/connection.ts";
import type { Pod } from "../pod.ts";

/** GIM's database login, from the Secret that the pod names. Rejects, without content, when it is not usable JSON. */
export async function databaseLogin(api: ClusterApi, pod: Pod): Promise<Login> {
  const entry = pod.spec.containers[0]?.env?.find(({ name }) => name === "DB_CREDENTIALS");
  const reference = entry?.valueFrom?.secretKeyRef;
  if (reference === undefined) throw new Error("the pod names no Secret with database credentials");
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/secrets/${reference.name}`;
  const secret = await api.call<{ data?: Record<string, string> }>("GET", path);
  const text = Buffer.from(secret.data?.[reference.key] ?? "", "base64").toString("utf8");
  let content: Record<string, string>;
  try {
    content = JSON.parse(text) as Record<string, string>;
  } catch {
    throw new Error(`Secret ${reference.name}, key ${reference.key}, is not JSON`);
  }
  return {
    host: content.db_hostname ?? "",
    port: Number(content.db_port ?? 5432),
    database: content.db_name ?? "",
    user: content.db_username ?? "",
    password: content.db_password ?? "",
  };
}
