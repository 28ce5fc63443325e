import { layerValues, type JsonObject } from "./layering.ts";
import { assistantKeys, assistantValues, pluginNotes } from "./redpoint/assistant-values.ts";
import { chartGeneration } from "./redpoint/chart-generation.ts";
import { readAssistant } from "./redpoint/upgrade-assistant.ts";

/** Ways to make Helm values of a Pulumi secret of the stack; a platform names one. */
export type SecretValuesKind = "upgradeAssistant";

/** A service as far as its secret values depend on it. */
export interface SecretValuesService {
  name: string;
  role: string;
  tenant: string | null;
  chart: { version: string };
}

interface Maker {
  /** Keys at the top level of the values that may get something secret; all other values stay readable. */
  keys: readonly string[];
  /** Ids of the notes that such a secret can demand: others need not be looked for in it. */
  notePattern: RegExp;
  /** What a person has to acknowledge because of it; nothing secret. */
  notes(text: string): { id: string; source: string; text: string }[];
  make(text: string, services: readonly SecretValuesService[], mode: "inPlace" | "clone"): Map<string, JsonObject>;
}

const makers: Record<SecretValuesKind, Maker> = {
  upgradeAssistant: {
    keys: assistantKeys,
    notePattern: /^plugin-/,
    notes: (text) =>
      pluginNotes(readAssistant(text)).map(({ id, name }) => ({
        ...{ id, source: "Upgrade Assistant", text: `the plugin ${name} is not compatible with v7` },
      })),
    make(text, services, mode) {
      const report = readAssistant(text);
      const realtimeReleases = services.filter((service) => service.role === "rpi-realtime").length;
      return new Map(
        services.map((service) => {
          const generation = chartGeneration(service.chart.version);
          const { values } = assistantValues(report, { generation, mode, realtimeReleases });
          return [service.name, values[service.role] ?? {}];
        }),
      );
    },
  },
};

/** Ids that secretValuesNotes can have. */
export function secretValuesNotePattern(kind: SecretValuesKind): RegExp {
  return makers[kind].notePattern;
}

/** What the secret demands to be acknowledged before a run. Throws what reading the text throws. */
export function secretValuesNotes(
  kind: SecretValuesKind,
  text: string,
): { id: string; source: string; text: string }[] {
  return makers[kind].notes(text);
}

/** Top-level keys of the values that a kind may make secret. */
export function secretValuesKeys(kind: SecretValuesKind): readonly string[] {
  return makers[kind].keys;
}

/**
 * Helm values per service name, from the text of the secret; pure. They lie above all files. Throws what reading the text throws; no
 * error holds a value of it.
 */
export function secretValuesOf(
  kind: SecretValuesKind,
  text: string,
  services: readonly SecretValuesService[],
  mode: "inPlace" | "clone",
): Map<string, JsonObject> {
  return makers[kind].make(text, services, mode);
}

/**
 * Values of files with secret ones above. Every key that may be touched is there, so that program and preflight make the same of it:
 * the program must name the keys before the secret is known.
 */
export function withSecretValues(keys: readonly string[], values: JsonObject, secret: JsonObject): JsonObject {
  return layerValues([Object.fromEntries(keys.map((key) => [key, {}])), values, secret]);
}

/** Every text in secret values that is worth hiding wherever it shows: names of ports and switches are not. */
export function secretTexts(values: JsonObject): string[] {
  const texts: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === "string" && value.length >= 4 && !["true", "false"].includes(value)) texts.push(value);
    else if (value !== null && typeof value === "object") Object.values(value).forEach(visit);
  };
  visit(values);
  return texts;
}
