import { layerValues, valueAt, type JsonObject } from "../layering.ts";
import type { Json } from "../service.ts";
import { pluginNote } from "./assistant-plugins.ts";
import type { ChartGeneration } from "./chart-generation.ts";
import { readAddress, type DatabaseAddress } from "./database-address.ts";
import type { AssistantReport, AssistantValue } from "./upgrade-assistant.ts";

/** What the Assistant's settings become. */
export interface AssistantValues {
  /** Helm values per role; secret. */
  values: Record<string, JsonObject>;
  /** Keys that the chart's Secret should hold, with their content; secret. Only the chart from 7.7 on expects them from outside. */
  secretKeys: Record<string, string>;
  /** What goes nowhere, each with the reason; key names only. */
  unmapped: string[];
}

/** What decides where a setting goes. */
export interface AssistantTarget {
  generation: ChartGeneration;
  /** `clone`: addresses of the v6 environment must not be taken over. */
  mode: "inPlace" | "clone";
  /** How many releases of the realtime API there are; they share no queue. */
  realtimeReleases: number;
}

/** Helm values at whose top level the Assistant's settings may end up, so that the others stay readable in a preview. */
export const assistantKeys = ["SMTPSettings", "realtimeapi", "queuereader", "ingress", "databases"] as const;

interface Effect {
  values?: JsonObject;
  realtime?: JsonObject;
  secretKeys?: Record<string, string>;
  unmapped?: string[];
}
type Rule = (value: AssistantValue, target: AssistantTarget) => Effect;

const to =
  (path: string): Rule =>
  (value) => ({ values: valueAt(path, value) });
const ofV6 = (what: string): Effect => ({ unmapped: [`${what} belongs to the v6 environment; this stack is a clone`] });

/** Facts/domain.md A7. The SMTP password and user are not part of the output. */
const rules: Record<string, Rule> = {
  "General.RPI__SMTP__EmailSenderAddress": to("SMTPSettings.SMTP_SenderAddress"),
  "General.RPI__SMTP__Address": to("SMTPSettings.SMTP_Address"),
  "General.RPI__SMTP__Port": to("SMTPSettings.SMTP_Port"),
  "General.RPI__SMTP__EnableSSL": to("SMTPSettings.EnableSSL"),
  "General.RPI__SMTP__UseCredentials": to("SMTPSettings.UseCredentials"),
  "General.RPI__ServiceHostName": hostName,
  "General.ConnectionStrings__OperationalDatabase": (value, target) => connection(value, target, "operational"),
  "General.ConnectionStrings__LoggingDatabase": (value, target) => connection(value, target, "logging"),
  // v6's queue listener is v7's queue reader (RPI@main:chart/templates/deploy-queuereader.yaml); it runs where the realtime API does.
  "Execution.RPIExecution__QueueListener__IsEnabled": (value, { realtimeReleases }) => {
    const values = valueAt("queuereader.queueListenerEnabled", value);
    return realtimeReleases === 0 ? { values } : { values, realtime: values };
  },
  "Execution.RPIExecution__QueueListener__QueuePath": queuePath,
  "InteractionAPI.RPIClient__HelpStartPageURL": () => ({
    unmapped: ["no chart has a value for it; the help address is set in the RPI client"],
  }),
};

/** Maps an Assistant's output to Helm values and Secret keys; pure. Nothing is dropped: what has no place is in `unmapped`. */
export function assistantValues(report: AssistantReport, target: AssistantTarget): AssistantValues {
  const main: JsonObject[] = [];
  const realtime: JsonObject[] = [];
  const secretKeys: Record<string, string> = {};
  const unmapped: string[] = [];
  for (const [section, settings] of report.settings) {
    for (const [key, value] of settings) {
      const name = `${section}.${key}`;
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
      const effect = rule?.(value, target) ?? { unmapped: ["cutover knows no Helm value for it"] };
      if (effect.values !== undefined) main.push(effect.values);
      if (effect.realtime !== undefined) realtime.push(effect.realtime);
      Object.assign(secretKeys, effect.secretKeys);
      unmapped.push(...(effect.unmapped ?? []).map((why) => `${name}: ${why}`));
    }
  }
  unmapped.push(...report.notSet.map((name) => `${name}: the Assistant found no value for it`));
  unmapped.push(...report.notUnderstood.map((name) => `${name}: its shape is not known`));
  const values: Record<string, JsonObject> = { rpi: layerValues(main) };
  if (realtime.length > 0) values["rpi-realtime"] = layerValues(realtime);
  return { values, secretKeys, unmapped };
}

/** Incompatible plugins as notes that a person acknowledges. */
export function pluginNotes(report: AssistantReport): { id: string; name: string }[] {
  return report.plugins
    .filter((plugin) => !plugin.compatible)
    .map((plugin) => ({ id: pluginNote(plugin.name), name: plugin.name }));
}

function hostName(value: AssistantValue, { mode }: AssistantTarget): Effect {
  if (mode === "clone") return ofV6("the host name");
  const [host = "", ...domain] = String(value).split(".");
  if (domain.length < 2 || host === "") return { unmapped: ["it is no host name with a domain"] };
  return { values: { ingress: { domain: domain.join("."), hosts: { client: host } } } };
}

function queuePath(value: AssistantValue, { mode, realtimeReleases }: AssistantTarget): Effect {
  if (mode === "clone") return ofV6("the queue");
  const values = valueAt("realtimeapi.queueProvider.queueNames.listenerQueuePath", value);
  if (realtimeReleases === 0) return { values };
  if (realtimeReleases === 1) return { values, realtime: values };
  return {
    values,
    unmapped: [`${realtimeReleases} realtime releases cannot share one queue: name each one's in its own values`],
  };
}

function connection(value: AssistantValue, target: AssistantTarget, which: "operational" | "logging"): Effect {
  if (target.mode === "clone") return ofV6("the database");
  const address = readAddress(String(value));
  if (address === null || address.database === "")
    return { unmapped: ["it is no connection string with a server and a database"] };
  return target.generation === "from77" ? secretsOf(address, which) : valuesOf(address, which);
}

// The chart up to 7.6 builds its connection strings itself, always with port 1433 (its templates/deploy-secrets.yaml).
function valuesOf(address: DatabaseAddress, which: "operational" | "logging"): Effect {
  if (which === "logging")
    return { values: valueAt("databases.operational.pulse_logging_database_name", address.database) };
  const operational: { [key: string]: Json } = {
    server_host: hostOf(address),
    server_username: address.user,
    server_password: address.password,
    pulse_database_name: address.database,
  };
  const odd = address.provider === "sqlserver" && address.instance === null && address.port !== 1433;
  return {
    values: { databases: { operational } },
    ...(odd ? { unmapped: ["the chart up to 7.6 knows only port 1433: its port has no place"] } : {}),
  };
}

function secretsOf(address: DatabaseAddress, which: "operational" | "logging"): Effect {
  const { database, user, password } = address;
  if (which === "logging") {
    return {
      secretKeys: {
        ConnectionString_Logging_Database: connectionString(address),
        Operations_Database_Pulse_Logging_Database_Name: database,
      },
    };
  }
  return {
    secretKeys: {
      ConnectionString_Operations_Database: connectionString(address),
      Operations_Database_ServerHost: hostOf(address),
      Operations_Database_Server_Username: user,
      Operations_Database_Server_Password: password,
      Operations_Database_Pulse_Database_Name: database,
    },
  };
}

function hostOf({ host, instance }: DatabaseAddress): string {
  return instance === null ? host : `${host}\\${instance}`;
}

// As the vendor writes them (RPI@main:docs/secrets-management.md), but with the encryption that v6 used.
function connectionString(address: DatabaseAddress): string {
  const { provider, host, instance, port, database, user, password, encrypt } = address;
  const quoted = /[;"'=]|^\s|\s$/.test(password) ? `"${password.replaceAll('"', '""')}"` : password;
  if (provider === "postgresql")
    return `PostgreSQL:Server=${host};Port=${port};Database=${database};User Id=${user};Password=${quoted};`;
  const server = instance === null ? `tcp:${host},${port}` : `${host}\\${instance}`;
  const encrypted = encrypt === false ? "Encrypt=False" : "Encrypt=True";
  return `Server=${server};Database=${database};User ID=${user};Password=${quoted};${encrypted};TrustServerCertificate=True;Connection Timeout=30;`;
}
