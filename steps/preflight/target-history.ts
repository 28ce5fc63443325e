import type { Page } from "../../model/ledger.ts";
import type { LedgerView } from "./contract.ts";

/** What the runs of the past aimed at and worked on; pure. */
export function historyOfTargets(pages: readonly Page[]): Pick<LedgerView, "worked" | "releasesOf" | "knownDigests"> {
  const worked = new Set<string>();
  const releases = new Map<string, Map<string, Set<string>>>();
  for (const entry of pages.flatMap((page) => page.entries)) {
    if (entry.kind === "receipt" && entry.receipt.service !== null) worked.add(entry.receipt.service);
    if (entry.kind !== "attempt") continue;
    for (const { service, digest, releaseSet } of entry.targets) {
      const ofService = releases.get(service) ?? new Map<string, Set<string>>();
      releases.set(service, ofService);
      ofService.set(digest, (ofService.get(digest) ?? new Set()).add(releaseSet));
    }
  }
  return {
    worked,
    releasesOf: (service, digest) => releases.get(service)?.get(digest) ?? new Set(),
    knownDigests: (service) => new Set(releases.get(service)?.keys()),
  };
}
