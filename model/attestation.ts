import type { Entry, Page } from "./ledger.ts";
import type { Identity } from "./operation.ts";
import { replacesDatabases } from "./upgrade-call.ts";

/** A person says what a setting of a tenant is, where no statement can read it. Counts for one release set only. */
export interface Attestation {
  service: string;
  tenant: string;
  setting: string;
  value: string;
  releaseSet: string;
  /** Of the service as it was when its check list was shown: other values (mount paths) need other attestations. */
  digest: string;
  by: Identity;
}

/**
 * The latest attestation of each tenant and setting of a service at one digest, with its time. Those from before a migration, a restore
 * or a new clone do not count: the settings are kept in the databases.
 */
export function attestationsOf(
  pages: readonly Page[],
  service: string,
  digest: string,
): (Attestation & { at: string })[] {
  const found = new Map<string, Attestation & { at: string }>();
  for (const page of [...pages].sort((a, b) => a.number - b.number)) {
    for (const entry of page.entries) {
      if (isOutdating(entry, service)) found.clear();
      if (entry.kind !== "attestation" || entry.service !== service || entry.digest !== digest) continue;
      const { tenant, setting, value, releaseSet, by, at } = entry;
      found.set(JSON.stringify([tenant, setting]), { service, tenant, setting, value, releaseSet, digest, by, at });
    }
  }
  return [...found.values()];
}

function isOutdating(entry: Entry, service: string): boolean {
  const migrated = entry.kind === "upgradeCall" && entry.service === service && entry.phase === "done";
  return migrated || replacesDatabases(entry);
}
