import type { Page } from "./ledger.ts";

/**
 * What a performance gate's figure was before this release set: the last recorded baseline of that name (`<gate>/<service>` first), or
 * what the gate itself measured when the service was last verified under another release set; whichever is later. Null: neither.
 */
export function figureBefore(
  pages: readonly Page[],
  { gate, service, releaseSet }: { gate: string; service: string; releaseSet: string },
): number | null {
  let before: number | null = null;
  for (const page of [...pages].sort((a, b) => a.number - b.number)) {
    for (const entry of page.entries) {
      if (entry.kind === "baseline") {
        const own = entry.figures[`${gate}/${service}`] ?? entry.figures[gate];
        if (own !== undefined) before = own;
      } else if (entry.kind === "receipt" && entry.releaseSet !== releaseSet) {
        const { step, service: of, verdict, gates } = entry.receipt;
        if (step !== "verify" || of !== service || verdict !== "passed") continue;
        before = gates.find((result) => result.gate === gate)?.figure ?? before;
      }
    }
  }
  return before;
}
