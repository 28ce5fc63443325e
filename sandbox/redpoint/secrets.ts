import { randomBytes } from "node:crypto";
import type { ClusterApi } from "../simulators/cluster-api.ts";
import { applySecret } from "../simulators/namespaces.ts";
import { sandboxActivationKey } from "../simulators/redpoint/licence.ts";
import { connectionString, serverHost, type RedpointServer } from "./servers.ts";

/** Names of the Secrets that a namespace of Redpoint has. */
export const redpointSecrets = {
  /** Of the chart: connection strings and tokens (facts/domain.md A5). */
  application: "redpoint-rpi-secrets",
  /** Where v6's databases are; same keys for the connection strings. */
  before: "rpi-v6-databases",
  pull: "redpoint-rpi",
  tls: "ingress-tls",
  /** Key `activation-key`. */
  licence: "rpi-licence",
} as const;

/** Names of Pulse and the logging database. */
export interface CoreNames {
  pulse: string;
  logging: string;
}

/** The application's Secret with all keys that either generation of the chart reads. `server`: where Redpoint v7 shall work. */
export function applicationSecret(server: RedpointServer, { pulse, logging }: CoreNames): Record<string, string> {
  return {
    ConnectionString_Operations_Database: connectionString(server, pulse),
    ConnectionString_Logging_Database: connectionString(server, logging),
    Operations_Database_ServerHost: serverHost(server),
    Operations_Database_Server_Username: server.user,
    Operations_Database_Server_Password: server.password,
    Operations_Database_Pulse_Database_Name: pulse,
    Operations_Database_Pulse_Logging_Database_Name: logging,
    RealtimeAPI_Auth_Token: randomBytes(16).toString("hex"),
    RealtimeAPI_MongoCache_ConnectionString: "mongodb://realtime-cache.sandbox.example:27017/Pulse",
    RealtimeAPI_RabbitMQ_Password: randomBytes(12).toString("hex"),
    RABBITMQ_Password: randomBytes(12).toString("hex"),
  };
}

/** Creates a namespace with every Secret that the chart and the upgrade expect. What exists is brought up to date. */
export async function prepareRedpointNamespace(
  api: ClusterApi,
  namespace: string,
  databases: { source: RedpointServer; target: RedpointServer; core: CoreNames },
): Promise<void> {
  const { source, target, core } = databases;
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  await api.patch(`/api/v1/namespaces/${namespace}`, body, "apply");
  await applySecret(api, namespace, redpointSecrets.application, applicationSecret(target, core));
  await applySecret(api, namespace, redpointSecrets.before, {
    ConnectionString_Operations_Database: connectionString(source, core.pulse),
    ConnectionString_Logging_Database: connectionString(source, core.logging),
  });
  const pull = { ".dockerconfigjson": '{"auths":{}}' };
  await applySecret(api, namespace, redpointSecrets.pull, pull, "kubernetes.io/dockerconfigjson");
  await applySecret(api, namespace, redpointSecrets.tls, await tlsPair(), "kubernetes.io/tls");
  await applySecret(api, namespace, redpointSecrets.licence, { "activation-key": sandboxActivationKey });
}

async function tlsPair(): Promise<Record<string, string>> {
  // Loaded only here: Info Mart's sandboxes need no certificate.
  const { makeCertificate } = await import("../sqlserver/certificates/certificate.ts");
  const day = 86_400_000;
  const { certificate, key } = makeCertificate({
    name: "*.example.com",
    hosts: ["*.example.com"],
    validFrom: new Date(Date.now() - day),
    validTo: new Date(Date.now() + 365 * day),
  });
  return { "tls.crt": certificate, "tls.key": String(key.export({ type: "pkcs8", format: "pem" })) };
}
