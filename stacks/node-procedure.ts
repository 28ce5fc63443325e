import type { NodeProcedure } from "../model/nodes.ts";
import type { ReleaseSets } from "./release-sets.ts";

/**
 * How the nodes outside Kubernetes are treated: by the newest release set, at or before the given one, that runs on nodes (Redpoint: v6).
 * Null: no such set.
 */
export function nodeProcedureOf(sets: ReleaseSets, releaseSet: string): NodeProcedure | null {
  const upTo = sets.order.slice(0, sets.order.indexOf(releaseSet) + 1);
  for (const name of upTo.reverse()) {
    const { nodes } = sets.load(name).set;
    if (nodes !== undefined) return nodes;
  }
  return null;
}
