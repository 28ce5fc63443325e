import type { GateSpec } from "./gate.ts";

/** What of a service the worst case depends on. */
export interface TimedService {
  helmTimeoutSeconds: number;
  gates: readonly Pick<GateSpec, "kind" | "timeoutSeconds">[];
}

/**
 * The longest that moving these services and bringing them back can take, in milliseconds: one after the other, each with
 * Helm's time-out and that of its gates, twice. Pods gates come first and the others run side by side, so that of each the longest counts.
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
  return 2 * seconds * 1_000;
}
