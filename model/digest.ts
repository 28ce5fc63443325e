import { canonicalJson, sha256 } from "./ledger.ts";
import type { ResolvedService } from "./service.ts";

/**
 * Digest of a service (design.md 1): everything that decides what runs. Endpoints, credentials, time-outs and the name of
 * the release set are left out, so that changing them upgrades nothing.
 */
export function serviceDigest(service: Omit<ResolvedService, "digest">): string {
  return sha256(
    canonicalJson({
      chart: service.chart.sha256,
      image: service.image,
      values: service.values,
      gates: service.gates,
      steps: service.steps,
      schemaVersion: service.schemaVersion,
      backup: service.backup,
      migrate: service.migrate ?? null,
      customObjects: service.customObjects,
    }),
  );
}

/** Digest of what a run aims at: the release set's name and the digest of every service, in any order. */
export function targetDigest(releaseSet: string, services: readonly { name: string; digest: string }[]): string {
  const digests = Object.fromEntries(services.map((service) => [service.name, service.digest]));
  return sha256(canonicalJson({ releaseSet, services: digests }));
}
