import * as pulumi from "@pulumi/pulumi";
import type { SecretValues } from "../components/context.ts";
import { describeError } from "../model/error.ts";
import { secretValuesKeys, secretValuesOf } from "../model/secret-values.ts";
import { secretValuesSetting } from "./sealed-values.ts";
import type { StackPlan } from "./stack-plan.ts";

/** Secret Helm values of a stack's services, of its Pulumi secret; undefined: the platform has none, or the stack does not set it. */
export function secretValuesFor(
  plan: Pick<StackPlan, "secretValues" | "services" | "outside">,
): SecretValues | undefined {
  const { secretValues: kind, outside } = plan;
  if (kind === null) return undefined;
  const text = new pulumi.Config("cutover").getSecret(secretValuesSetting);
  if (text === undefined) return undefined;
  const services = plan.services.map(({ service }) => service);
  const mode = outside.operationalDatabases?.mode ?? "inPlace";
  const values = pulumi.secret(text).apply((known) => {
    try {
      return Object.fromEntries(secretValuesOf(kind, known, services, mode));
    } catch (error) {
      // Named with what to do, and without a stack trace; it holds no value.
      throw new pulumi.RunError(describeError(error).join("\n"));
    }
  });
  return { text: pulumi.secret(text), keys: secretValuesKeys(kind), values };
}
