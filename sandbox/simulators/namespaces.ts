import { randomBytes } from "node:crypto";
import type { ClusterApi } from "./cluster-api.ts";
import type { Login } from "./database/connection.ts";

/** Namespaces of one complete set of services. GIM's and GCA's monitoring live with their service. */
export interface ServiceNamespaces {
  gim: string;
  gsp: string;
  gca: string;
}

/** `<prefix>gim`, `<prefix>gsp`, `<prefix>gca`. */
export function serviceNamespaces(prefix: string): ServiceNamespaces {
  return { gim: `${prefix}gim`, gsp: `${prefix}gsp`, gca: `${prefix}gca` };
}

/** Creates the namespaces with every Secret that the charts and the vendor's procedure expect. Existing ones are brought up to date. */
export async function prepareNamespaces(
  api: ClusterApi,
  namespaces: ServiceNamespaces,
  logins: ReadonlyMap<string, Login>,
): Promise<void> {
  const unique = [...new Set([namespaces.gim, namespaces.gsp, namespaces.gca])];
  for (const name of unique) {
    await api.patch(`/api/v1/namespaces/${name}`, { apiVersion: "v1", kind: "Namespace", metadata: { name } }, "apply");
    await applySecret(
      api,
      name,
      "pullsecret",
      { ".dockerconfigjson": '{"auths":{}}' },
      "kubernetes.io/dockerconfigjson",
    );
  }
  const gimKeys = [...logins].map(
    ([tenant, login]) => [`gim-${tenant}`, JSON.stringify(secretContent(login))] as const,
  );
  await applySecret(api, namespaces.gim, "gim-gim-secrets", Object.fromEntries(gimKeys));
  await applySecret(api, namespaces.gsp, "gsp-storage-secret", storageKeys());
  for (const [tenant, login] of logins) {
    const name = (suffix: string): string => `gca-${tenant}-${suffix}`;
    const database = secretContent(login);
    await applySecret(api, namespaces.gca, name("kafka-secrets"), {
      "kafka-secrets": '{"bootstrap":"kafka-bootstrap:9092"}',
    });
    await applySecret(api, namespaces.gca, name("storage-secret"), storageKeys());
    await applySecret(api, namespaces.gca, name("cfgdb-secrets"), {
      "cfgdb-secrets": JSON.stringify({ ...database, db_name: `cfg_${tenant}` }),
    });
    await applySecret(api, namespaces.gca, name("gimdb-secrets"), { "gimdb-secrets": JSON.stringify(database) });
  }
}

/** The JSON of the vendor's database Secret (facts/domain.md B1). */
export function secretContent(login: Login): Record<string, string> {
  return {
    db_hostname: login.host,
    db_port: String(login.port),
    db_name: login.database,
    db_username: login.user,
    db_password: login.password,
  };
}

function storageKeys(): Record<string, string> {
  return { accessKey: "sandbox", secretKey: randomBytes(12).toString("base64url") };
}

/** Creates a Secret, or brings it up to date. `content`: plain text by key. */
export async function applySecret(
  api: ClusterApi,
  namespace: string,
  name: string,
  content: Record<string, string>,
  type = "Opaque",
): Promise<void> {
  const data = Object.fromEntries(
    Object.entries(content).map(([key, text]) => [key, Buffer.from(text).toString("base64")]),
  );
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, type, data };
  await api.patch(`/api/v1/namespaces/${namespace}/secrets/${name}`, secret, "apply");
}
