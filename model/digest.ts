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
      // Left out where there is none, so that the digests of earlier versions of this tool still stand.
      ...(service.configure === null ? {} : { configure: service.configure }),
      // Of the ciphertext, never of what it hides: a digest of a few short secrets can be guessed, one of a salted text cannot.
      ...(service.sealedValues === undefined ? {} : { sealedValues: service.sealedValues }),
    }),
  );
}

/** Digest of what a run aims at: the release set's name and the digest of every service, in any order. */
export function targetDigest(releaseSet: string, services: readonly { name: string; digest: string }[]): string {
  const digests = Object.fromEntries(services.map((service) => [service.name, service.digest]));
  return sha256(canonicalJson({ releaseSet, services: digests }));
}
