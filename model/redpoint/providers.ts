import { readValueAt } from "../value-at.ts";
import { isEnabled } from "./chart-values.ts";

type Values = { [key: string]: unknown };

const platforms = ["azure", "amazon", "google", "selfhosted"];
const databaseProviders = ["sqlserver", "sqlserveronvm", "postgresql"];

/** Providers of the realtime cache that the chart knows (its values.schema.json; facts/domain.md A5). */
export const cacheProviders = ["mongodb", "azureredis", "redis", "inMemorySql", "googlebigtable"];
/** Providers of the realtime queues that the chart knows. */
export const queueProviders = [
  "amazonsqs",
  "azureservicebus",
  "googlepubsub",
  "azureeventhubs",
  "rabbitmq",
  "azurestorage",
  "amazonmsk",
];
// What v6 could use and v7's chart cannot (facts/domain.md A5, F6).
const onlyV6 = {
  cache: [
    "memcached",
    "saphana",
    "elasticache",
    "cassandra",
    "couchbase",
    "sqlserver",
    "ncache",
    "cosmosdb",
    "memorydb",
  ],
  queue: ["msmq", "activemq", "ibmmq", "kafka"],
};

/** Why the chart would not configure its database: it knows no such provider, or not on this platform. */
export function databaseProviderProblems(values: Values): string[] {
  const platform = readValueAt(values, "global.deployment.platform");
  const provider = readValueAt(values, "databases.operational.provider");
  const problems: string[] = [];
  if (!listed(platforms, platform)) problems.push(unknown("global.deployment.platform", platform, platforms));
  if (!listed(databaseProviders, provider))
    problems.push(unknown("databases.operational.provider", provider, databaseProviders));
  if (provider === "sqlserver" && platform === "selfhosted") {
    problems.push(
      "databases.operational.provider sqlserver on global.deployment.platform selfhosted: the chart then sets no database type at all; write sqlserveronvm",
    );
  }
  return problems;
}

/** Cache and queue of the realtime API that the chart does not have, with what to do; refused before anything is touched. */
export function realtimeProviderProblems(values: Values): string[] {
  if (!isEnabled(values, "realtimeapi")) return [];
  return [
    ...problemsOf(values, "cache", "cacheProvider", cacheProviders),
    ...problemsOf(values, "queue", "queueProvider", queueProviders),
  ];
}

function problemsOf(values: Values, kind: "cache" | "queue", key: string, known: readonly string[]): string[] {
  const part = `realtimeapi.${key}`;
  if (!isEnabled(values, part)) return [];
  const path = `${part}.provider`;
  const provider = readValueAt(values, path);
  if (provider === undefined || provider === "") return [`${path} is not set; the chart has ${known.join(", ")}`];
  if (listed(known, provider)) return [];
  const plain = shown(provider)
    .toLowerCase()
    .replace(/[^a-z]/g, "");
  if (!onlyV6[kind].includes(plain)) return [unknown(path, provider, known)];
  return [
    `${path} ${shown(provider)}: v6 can use it, the chart of v7 cannot, so this ${kind} cannot be taken over from v6; move the realtime ${kind} to ${known.join(", ")} first`,
  ];
}

function unknown(path: string, value: unknown, known: readonly string[]): string {
  return `${path} is ${value === undefined ? "not set" : shown(value)}; the chart has ${known.join(", ")}`;
}

function listed(known: readonly string[], value: unknown): boolean {
  return typeof value === "string" && known.includes(value);
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : typeof value;
}
