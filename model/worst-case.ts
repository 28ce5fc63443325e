import type { GateSpec } from "./gate.ts";
import type { RoleRelease } from "./release-set.ts";

/** What of a service the worst case depends on. */
export interface TimedService {
  helmTimeoutSeconds: number;
  gates: readonly Pick<GateSpec, "kind" | "timeoutSeconds">[];
  /** How long its migration may take, seconds; 0: none is needed. */
  migrateTimeoutSeconds: number;
}

/** The longest that a service's migration may take, in seconds; 0 where the release set changes no schema. */
export function migrateTimeout(service: {
  migrate: RoleRelease["migrate"] | null;
  schemaVersion: { from: string; to: string } | null;
}): number {
  const { migrate, schemaVersion } = service;
  if (migrate === null || migrate === undefined || schemaVersion?.from === schemaVersion?.to) return 0;
  return "kind" in migrate ? migrate.readyTimeoutSeconds + migrate.timeoutSeconds : migrate.timeoutSeconds;
}

/**
 * The longest that moving these services and bringing them back can take, in milliseconds: one after the other, each with
 * Helm's time-out and that of its gates, twice, and the migration once: no way back migrates. Pods gates come first and the others run side
 * by side, so that of each the longest counts. Backups and restores have no time-out and are not in it.
 */
export function worstCaseMilliseconds(services: readonly TimedService[]): number {
  const longest = (gates: TimedService["gates"]): number =>
    gates.reduce((most, gate) => Math.max(most, gate.timeoutSeconds), 0);
  const seconds = services.reduce(
    (sum, { helmTimeoutSeconds, gates }) =>
      sum +
      helmTimeoutSeconds +
      longest(gates.filter((gate) => gate.kind === "pods")) +
      longest(gates.filter((gate) => gate.kind !== "pods")),
    0,
  );
  const migrations = services.reduce((sum, { migrateTimeoutSeconds }) => sum + migrateTimeoutSeconds, 0);
  return (2 * seconds + migrations) * 1_000;
}
