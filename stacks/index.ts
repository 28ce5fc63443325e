import * as pulumi from "@pulumi/pulumi";
import { Platform } from "../components/platform.ts";
import { secretValuesFor } from "./secret-values.ts";
import { planStack, type LedgerReader } from "./stack-plan.ts";

/**
 * Declares a stack: what its file asks for becomes one graph, always the same shape (design.md 3). Returns the stack's
 * outputs. Throws CutoverError.
 */
export async function declareStack(
  root: string,
  readPages: LedgerReader,
  opts: pulumi.ComponentResourceOptions = {},
): Promise<Record<string, unknown>> {
  const stack = pulumi.getStack();
  const plan = await planStack(root, stack, readPages);
  const { settings } = plan;
  const platform = new Platform(
    settings.platform,
    {
      run: plan.run,
      services: plan.declared,
      platformSteps: plan.platformSteps,
      preflight: plan.preflight,
      releaseSet: settings.release,
      context: {
        stack,
        platform: settings.platform,
        environment: settings.environment,
        cluster: settings.cluster,
        prometheus: settings.prometheus ?? null,
        backupFolder: settings.backupFolder,
        acknowledged: settings.acknowledged,
        outside: plan.outside,
        protect: settings.protect ?? settings.environment !== "dev",
        secretValues: secretValuesFor(plan),
        databasePassword: new pulumi.Config("cutover").getSecret("databasePassword"),
      },
    },
    opts,
  );
  return {
    platform: settings.platform,
    releaseSet: settings.release,
    releaseSetHash: plan.releaseSetHash,
    services: platform.services,
    verdicts: platform.verdicts,
    ledgerHead: platform.ledgerHead,
  };
}
