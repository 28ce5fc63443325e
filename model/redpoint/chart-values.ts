import { readValueAt } from "../value-at.ts";
import { generationText, type ChartGeneration } from "./chart-generation.ts";

type Values = { [key: string]: unknown };

/** What is wrong with the values of one release; texts without values that may be secret. */
export type ValueProblems = string[];

interface Required {
  path: string;
  /** Absent: always. */
  when?: (values: Values) => boolean;
  why?: string;
}

const text = (values: Values, path: string): string => {
  const value = readValueAt(values, path);
  return typeof value === "string" ? value : "";
};
const is =
  (path: string, wanted: unknown) =>
  (values: Values): boolean =>
    readValueAt(values, path) === wanted;

/** True unless the release says that it runs without a part; the charts' default is that every part runs. */
export function isEnabled(values: Values, part: string): boolean {
  return readValueAt(values, `${part}.enabled`) !== false;
}

const always: Required[] = [
  { path: "global.deployment.platform" },
  { path: "databases.operational.provider" },
  { path: "ingress.domain", when: (values) => isEnabled(values, "ingress") },
  // The image is the identity of a build; the chart's version stays the same (facts/domain.md A1).
  { path: "global.deployment.images.tag" },
];

// The deployment API gets server, login and names from values, whoever makes the Secret (templates/deploy-deploymentapi.yaml of 7.6).
const ofServer = ["server_host", "server_username", "pulse_database_name", "pulse_logging_database_name"];
const upTo76: Required[] = [
  ...ofServer.map((key) => ({
    path: `databases.operational.${key}`,
    when: (values: Values) => isEnabled(values, "deploymentapi") || makesItsSecret(values),
    why: "the deployment API is told by it which databases to upgrade",
  })),
  { path: "databases.operational.server_password", when: makesItsSecret, why: "the chart makes its Secret of it" },
  {
    path: "SMTPSettings.SMTP_Password",
    when: (values) => makesItsSecret(values) && is("SMTPSettings.UseCredentials", true)(values),
    why: "SMTPSettings.UseCredentials is true",
  },
];

const from77: Required[] = [
  { path: "global.deployment.images.registry" },
  {
    path: "cloudIdentity.serviceAccount.mode",
    when: (values) => ["sdk", "csi"].includes(text(values, "secretsManagement.provider")),
    why: "secretsManagement.provider sdk and csi need a cloud identity",
  },
];

/** True when the chart up to 7.6 makes the Secret itself. */
export function makesItsSecret(values: Values): boolean {
  const management = "cloudIdentity.secretsManagement";
  const provider = readValueAt(values, `${management}.secretsProvider`) ?? "kubernetes";
  return provider === "kubernetes" && readValueAt(values, `${management}.autoCreateSecrets`) !== false;
}

/** A release of the realtime API alone: one per tenant, since it knows one tenant only (facts/domain.md A5). */
export function isRealtimeOnly(values: Values): boolean {
  return isEnabled(values, "realtimeapi") && !isEnabled(values, "deploymentapi");
}

/** Values that a generation of the chart needs and that are missing, or still the vendor's placeholder (`<my-...>`, `your_...`). */
export function missingValues(values: Values, generation: ChartGeneration): ValueProblems {
  const required = [...always, ...(generation === "upTo76" ? upTo76 : from77)];
  const missing = required
    .filter(({ path, when }) => (when?.(values) ?? true) && !isFilled(readValueAt(values, path)))
    .map(({ path, why }) => `${path} is not set${why === undefined ? "" : `: ${why}`}`);
  const claims = readValueAt(values, "storage.persistentVolumeClaims.FileOutputDirectory.enabled");
  return [
    ...missing,
    ...(generation === "from77" && !isRealtimeOnly(values) && claims !== true
      ? [
          "storage.persistentVolumeClaims.FileOutputDirectory.enabled is not true: from 7.7 on it is mandatory, the execution service keeps its cache there",
        ]
      : []),
    ...ofOtherGeneration(values, generation),
  ];
}

/** Values that only the other generation reads: they would be ignored without a word, or refused by the schema. */
function ofOtherGeneration(values: Values, generation: ChartGeneration): ValueProblems {
  const strangers =
    generation === "from77"
      ? ["cloudIdentity.secretsManagement", "global.application", "global.cloudProvider"]
      : ["secretsManagement", "databaseUpgrade"];
  const reads = generation === "from77" ? "7.6 or older" : "7.7 or newer";
  return strangers
    .filter((path) => readValueAt(values, path) !== undefined)
    .map((path) => `${path} is a value of charts ${reads}; this one is ${generationText(generation)}`);
}

/** The chart must not migrate or install by itself: cutover makes the one call of the upgrade API (facts/domain.md A2, A3). */
export function automaticDatabaseWork(values: Values): ValueProblems {
  const problems: ValueProblems = [];
  if (is("databaseUpgrade.enabled", true)(values))
    problems.push("databaseUpgrade.enabled is true: the chart's own Job would call the upgrade API, up to four times");
  if (is("postInstall.enabled", true)(values))
    problems.push(
      "postInstall.enabled is true: its Job installs a new cluster database, which is for new installations",
    );
  if (is("global.deployment.mode", "demo")(values))
    problems.push("global.deployment.mode is demo: it brings databases of its own");
  return problems;
}

const secretKey = /(password|connection_?string|access_?key|api_?key|auth_?token|client_?secret)$/i;

/** Paths of values that hold a secret in clear; they would stand in files, state and ledger. */
export function clearSecrets(values: Values): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value !== null && typeof value === "object" && !Array.isArray(value))
      return clearSecrets(value as Values).map((inner) => `${key}.${inner}`);
    return secretKey.test(key) && typeof value === "string" && isFilled(value) ? [key] : [];
  });
}

function isFilled(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return typeof value !== "string" || !/^<.*>$|^(your|my)[_-]/i.test(value);
}
