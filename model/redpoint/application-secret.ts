import { readValueAt } from "../value-at.ts";
import type { ChartGeneration } from "./chart-generation.ts";
import { isEnabled, makesItsSecret } from "./chart-values.ts";

type Values = { [key: string]: unknown };

/** The Secret from which the pods read, when it must be there before the release. */
export interface ApplicationSecret {
  name: string;
  keys: string[];
}

// The templates of every generation name it so; the value decides only what the chart creates (facts/domain.md A5).
const usualName = "redpoint-rpi-secrets";

const always = ["ConnectionString_Operations_Database", "ConnectionString_Logging_Database"];
const ofServer = [
  "Operations_Database_ServerHost",
  "Operations_Database_Server_Username",
  "Operations_Database_Server_Password",
  "Operations_Database_Pulse_Database_Name",
  "Operations_Database_Pulse_Logging_Database_Name",
];

const cacheKeys: Record<string, string> = {
  mongodb: "RealtimeAPI_MongoCache_ConnectionString",
  redis: "RealtimeAPI_RedisCache_ConnectionString",
  inMemorySql: "RealtimeAPI_inMemorySql_ConnectionString",
};
const queueKeys: Record<string, string> = {
  azureservicebus: "RealtimeAPI_ServiceBus_ConnectionString",
  azureeventhubs: "RealtimeAPI_EventHub_ConnectionString",
};

/** The Secret and its keys that a release with these values expects (RPI@main:docs/secrets-management.md); null: it needs none. */
export function applicationSecret(values: Values, generation: ChartGeneration): ApplicationSecret | null {
  if (generation === "upTo76") {
    const provider = readValueAt(values, "cloudIdentity.secretsManagement.secretsProvider") ?? "kubernetes";
    if (provider !== "kubernetes" || makesItsSecret(values)) return null;
    return { name: usualName, keys: [...always, "Operations_Database_Server_Password", ...ofFeatures(values)] };
  }
  // sdk: the pods read a vault; csi: the driver makes the Secret when the first pod mounts it.
  if ((readValueAt(values, "secretsManagement.provider") ?? "kubernetes") !== "kubernetes") return null;
  const named = readValueAt(values, "secretsManagement.kubernetes.secretName");
  return {
    name: typeof named === "string" && named !== "" ? named : usualName,
    keys: [...always, ...ofServer, ...ofFeatures(values)],
  };
}

function ofFeatures(values: Values): string[] {
  const at = (path: string): unknown => readValueAt(values, path);
  const provider = (path: string): string => {
    const named = isEnabled(values, path) ? at(`${path}.provider`) : undefined;
    return typeof named === "string" ? named : "";
  };
  const keys: (string | undefined)[] = [];
  if (isEnabled(values, "realtimeapi")) {
    const oauth = at("realtimeapi.authentication.type") === "oauth";
    keys.push(oauth ? "ConnectionString_RealtimeApi_OAuth" : "RealtimeAPI_Auth_Token");
    const cache = provider("realtimeapi.cacheProvider");
    const internalRedis = cache === "redis" && at("realtimeapi.cacheProvider.redis.type") !== "external";
    if (!internalRedis) keys.push(cacheKeys[cache]);
    const queue = provider("realtimeapi.queueProvider");
    keys.push(queueKeys[queue]);
    if (queue === "rabbitmq") keys.push("RealtimeAPI_RabbitMQ_Password");
  }
  if (isEnabled(values, "queuereader") && at("queuereader.realtimeConfiguration.isDistributed") === true) {
    keys.push("QueueService_RedisCache_ConnectionString", "QueueService_RedisCache_Password");
    keys.push("QueueService_RabbitMQ_Password");
  }
  if (at("SMTPSettings.UseCredentials") === true) keys.push("SMTP_Password");
  if (at("redpointAI.enabled") === true)
    keys.push("RPI_NLP_API_KEY", "RPI_NLP_SEARCH_KEY", "RPI_NLP_MODEL_CONNECTION_STRING");
  return keys.filter((key) => key !== undefined);
}
