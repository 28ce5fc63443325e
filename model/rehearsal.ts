import type { Page } from "./ledger.ts";
import type { Verdict } from "./verdict.ts";

/** The last rehearsal of a release set. */
export interface Rehearsal {
  releaseSet: string;
  setHash: string;
  verdict: Verdict;
  seconds: number;
  /** Milliseconds, UTC: when it was made, also when it was copied from a lower stack later. */
  at: number;
}

/** The last rehearsal of the release set with this folder hash; null: there was none. */
export function lastRehearsal(pages: readonly Page[], setHash: string): Rehearsal | null {
  const rehearsals = pages
    .flatMap((page) => page.entries)
    .flatMap((entry): Rehearsal[] => {
      if (entry.kind !== "rehearsal" || entry.setHash !== setHash) return [];
      const { releaseSet, verdict, seconds } = entry;
      return [{ releaseSet, setHash, verdict, seconds, at: Date.parse(entry.rehearsedAt ?? entry.at) }];
    });
  return rehearsals.toSorted((a, b) => a.at - b.at).at(-1) ?? null;
}
