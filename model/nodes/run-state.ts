import type { NodeProcedure, NodeSettings } from "../nodes.ts";
import type { OperationalDatabases } from "../operational-databases.ts";

/** What the command `running` says of a node. */
export type RunState = "running" | "stopped" | "unknown";

/** Exit 0: runs; 1: stopped; anything else: could not tell. */
export function runStateOf(exitCode: number | null): RunState {
  if (exitCode === 0) return "running";
  return exitCode === 1 ? "stopped" : "unknown";
}

/** Why nothing has to be stopped before the backup; null: the nodes have to be. */
export function whyNotQuiesced(spec: {
  nodes: readonly NodeSettings[];
  procedure: NodeProcedure | null;
  operationalDatabases: Pick<OperationalDatabases, "mode"> | null;
}): string | null {
  if (spec.operationalDatabases?.mode === "clone") return "v6 runs on: this stack works on clones";
  if (spec.nodes.length === 0) return "the stack names no nodes outside Kubernetes";
  if (spec.procedure === null) return "no release set up to this one says how its nodes are stopped";
  return null;
}

/** Where each node stands when a stop or start did not end well; for the error's evidence. */
export function describeStates(states: ReadonlyMap<string, string>): string[] {
  const groups = new Map<string, string[]>();
  for (const [node, state] of states) groups.set(state, [...(groups.get(state) ?? []), node]);
  return [...groups].map(([state, nodes]) => `${state}: ${nodes.join(", ")}`);
}
