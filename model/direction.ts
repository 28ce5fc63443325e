/** Where a service moves on the list of release sets. `unknown`: one of the two is not on the list. */
export type Direction = "install" | "upgrade" | "same" | "downgrade" | "unknown";

/**
 * Direction from the release set that runs (null: nothing runs) to the wanted one. Judged by the list alone: names are
 * not compared, since their order is the list's (design.md 1, Release set).
 */
export function directionOf(from: string | null, to: string, releaseOrder: readonly string[]): Direction {
  if (from === null) return "install";
  if (from === to) return "same";
  const start = releaseOrder.indexOf(from);
  const end = releaseOrder.indexOf(to);
  if (start < 0 || end < 0) return "unknown";
  return end > start ? "upgrade" : "downgrade";
}
