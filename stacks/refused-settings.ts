import type { Problem } from "./schema-problems.ts";

/**
 * Settings that a reader of the vendor's page may look for and that cutover does not do, each with the reason: better than "unknown
 * value". `config`: the settings by name, as written.
 */
export function refusedSettings(config: Readonly<Record<string, unknown>>): Problem[] {
  const databases = config["operationalDatabases"];
  const mode = isMap(databases) ? databases["mode"] : undefined;
  return mode === "mirror" ? [{ path: ["operationalDatabases", "mode"], text: mirror }] : [];
}

// Seed 000, step 3b: "Alternative: Mirror/duplicate staging environment and promote to production."
const mirror =
  'mode mirror ("mirror staging and promote", the alternative of Redpoint\'s procedure) is not done by cutover: staging works on clones that were ' +
  "taken days before, so that everything which users did in v6 since then would be lost, and its licence, host names, caches and queues are staging's. " +
  "Use mode inPlace in production, with the steps proven in staging; what a mirror would need is in docs/redpoint-mirror.md";

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
