import type { JsonObject } from "../../model/layering.ts";
import { secretTexts, secretValuesKeys, secretValuesOf, withSecretValues } from "../../model/secret-values.ts";
import type { PreflightService, PreflightSpec } from "../../model/step-specs.ts";
import { keepSecret } from "../redaction.ts";

/** The secret of which Helm values are made, as it reached this process; null: none did, or the platform has none. */
export function secretText(spec: Pick<PreflightSpec, "secretValues">): string | null {
  const text = process.env["CUTOVER_UPGRADE_ASSISTANT"] ?? "";
  return spec.secretValues === null || text === "" ? null : text;
}

/**
 * Helm values of a service as the program releases them: of the files, with those made of the secret above. What is secret in them is
 * hidden from then on in everything that leaves the process. Throws what reading the secret throws.
 */
export function releasedValues(
  spec: Pick<PreflightSpec, "secretValues" | "services" | "operationalDatabases">,
  service: PreflightService,
): JsonObject {
  const values = service.values as JsonObject;
  const text = secretText(spec);
  if (spec.secretValues === null || text === null) return values;
  const others = spec.services.filter((one) => one.name !== service.name);
  const mode = spec.operationalDatabases?.mode ?? "inPlace";
  const secret = secretValuesOf(spec.secretValues, text, [...others, service], mode).get(service.name) ?? {};
  for (const part of secretTexts(secret)) keepSecret(part);
  return withSecretValues(secretValuesKeys(spec.secretValues), values, secret);
}
