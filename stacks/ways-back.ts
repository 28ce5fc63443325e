import { describeError } from "../model/error.ts";
import type { ServiceSlot } from "../model/expand.ts";
import type { VerifiedService } from "../model/ledger-summary.ts";
import type { ResolvedService } from "../model/service.ts";
import type { WantedChart } from "./chart-sources/index.ts";
import type { ReleaseSets } from "./release-sets.ts";
import { resolveService, type ResolveContext } from "./resolve.ts";

/** Where one service can go back to; `problem` says why it cannot. */
export interface WayBack {
  service: string;
  target: ResolvedService | null;
  problem: string | null;
}

/**
 * Resolves, for every service that was verified before this run, the release set it was verified at, with today's settings.
 * A release set that is gone or damaged is a problem for preflight to judge, not an error of the program.
 */
export function resolveWaysBack(
  before: ReadonlyMap<string, VerifiedService>,
  slots: readonly ServiceSlot[],
  sets: ReleaseSets,
  context: ResolveContext,
): WayBack[] {
  return slots.flatMap((slot) => {
    const verified = before.get(slot.name);
    return verified === undefined ? [] : [wayBack(slot, verified.releaseSet, sets, context)];
  });
}

/** The charts that going back needs; a release set that cannot be read is left to `resolveWaysBack` to report. */
export function chartsOfWaysBack(
  before: ReadonlyMap<string, VerifiedService>,
  slots: readonly ServiceSlot[],
  sets: ReleaseSets,
): WantedChart[] {
  return slots.flatMap((slot) => {
    const verified = before.get(slot.name);
    try {
      return verified === undefined ? [] : [{ loaded: sets.load(verified.releaseSet), role: slot.role }];
    } catch {
      return [];
    }
  });
}

function wayBack(slot: ServiceSlot, releaseSet: string, sets: ReleaseSets, context: ResolveContext): WayBack {
  try {
    return { service: slot.name, target: resolveService(slot, sets.load(releaseSet), context), problem: null };
  } catch (error) {
    return { service: slot.name, target: null, problem: describeError(error).slice(0, 2).join("; ") };
  }
}
