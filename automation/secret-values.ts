import type { JsonObject } from "../model/layering.ts";
import type { ResolvedService } from "../model/service.ts";
import type { PreflightSpec } from "../model/step-specs.ts";
import { secretValuesSetting } from "../stacks/sealed-values.ts";
import { releasedValues, secretText } from "../steps/preflight/secret-values.ts";
import { stackSettingsSecret } from "./stack-secret.ts";

/** Makes the secret of which Helm values are made known to this process, as a run gives it to its preflight. */
export async function takeSecretValues(
  root: string,
  stack: string,
  spec: Pick<PreflightSpec, "secretValues">,
): Promise<void> {
  if (spec.secretValues === null || secretText(spec) !== null) return;
  const text = await stackSettingsSecret(root, stack, secretValuesSetting);
  if (text !== "") process.env["CUTOVER_UPGRADE_ASSISTANT"] = text;
}

/**
 * Services with the values that Helm gets. For comparing and rendering in this process only: they must not be written anywhere. What is
 * secret in them is hidden in every text that passes `redactText`.
 */
export function asReleasedByHelm(
  spec: PreflightSpec,
  services: readonly ResolvedService[],
): { services: ResolvedService[]; secret: boolean } {
  if (secretText(spec) === null) return { services: [...services], secret: false };
  const wanted = new Map(spec.services.map((service) => [service.name, service]));
  const merged = services.map((service) => {
    const preflight = wanted.get(service.name);
    const values: JsonObject = preflight === undefined ? service.values : releasedValues(spec, preflight);
    return { ...service, values };
  });
  return { services: merged, secret: true };
}
