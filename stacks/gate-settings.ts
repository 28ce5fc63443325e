import { CutoverError } from "../model/error.ts";
import { unmatchedGateSettings, type GateSettings } from "../model/gate-settings.ts";
import type { ResolvedService } from "../model/service.ts";
import { didYouMean } from "../model/suggestion.ts";
import type { ReleaseSets } from "./release-sets.ts";

/**
 * Refuses settings for gates that no release set has: a misspelt name would silently change nothing. Names that only another
 * release set knows are fine, so that a stack can be moved back and forth. Throws CUT-2035.
 */
export function checkGateSettings(
  settings: GateSettings,
  services: readonly ResolvedService[],
  sets: ReleaseSets,
): void {
  const present = services.flatMap((service) => service.gates);
  const unmatched = unmatchedGateSettings(settings, present);
  if (unmatched.length === 0) return;
  const everywhere = sets.order.flatMap((name) =>
    Object.values(sets.load(name).set.roles).flatMap((role) => role.gates.map((gate) => gate.name)),
  );
  const unknown = unmatched.find((name) => !everywhere.includes(name));
  if (unknown === undefined) return;
  throw new CutoverError({
    code: "CUT-2035",
    verdict: "errored",
    happened: `cutover:gateSettings names the gate ${unknown}, which no release set has${didYouMean(unknown, everywhere)}`,
    evidence: [`gates: ${[...new Set(everywhere)].join(", ")}`],
    untouched: "nothing was touched",
    next: "correct the name, or remove the line",
    exitCode: 2,
  });
}
