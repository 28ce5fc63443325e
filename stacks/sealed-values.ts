import type { PlatformDefinition } from "../model/platform.ts";
import { sha256 } from "../model/ledger.ts";
import { stackFile } from "./config.ts";
import { readYamlFile } from "./yaml-file.ts";

/** The setting that holds what a platform's secret values are made of; a Pulumi secret. */
export const secretValuesSetting = "upgradeAssistant";

/**
 * Digest of that secret as the stack file holds it: encrypted. It changes whenever the secret is set again and needs no passphrase, so
 * that program and driver agree; and since Pulumi salts each encryption, nobody can try passwords against it. Null: the platform has no
 * secret values, or they are not set in the file.
 */
export function sealedValuesOf(root: string, stack: string, platform: PlatformDefinition): string | null {
  if (platform.secretValues === undefined) return null;
  const file = readYamlFile(root, stackFile(stack))?.data as { config?: Record<string, unknown> } | null;
  const sealed = file?.config?.[`cutover:${secretValuesSetting}`] as { secure?: unknown } | undefined;
  return typeof sealed?.secure === "string" ? sha256(sealed.secure) : null;
}
