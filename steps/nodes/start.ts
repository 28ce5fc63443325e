import { CutoverError, describeError } from "../../model/error.ts";
import type { NodeProcedure, NodeSettings } from "../../model/nodes.ts";
import { describeStates } from "../../model/nodes/run-state.ts";
import { withNodes, type ConnectedNode, type NodeContext } from "./connect.ts";
import { askAll, saidBy, untilState } from "./run-state.ts";

/** One node after the start. */
export interface StartedNode {
  node: string;
  /** `running`: it ran before. */
  was: "running" | "stopped";
}

/**
 * Starts the application on every node that is stopped, waits until each says that it runs, and leaves maintenance mode. A node that does not
 * start keeps no other from starting. Does nothing twice: call it again after a failure. Throws CUT-5602, 5606, 5607.
 */
export async function startNodes(
  context: NodeContext,
  nodes: readonly NodeSettings[],
  procedure: NodeProcedure,
): Promise<StartedNode[]> {
  return withNodes(context, nodes, procedure, async (connected) => {
    const before = await askAll(context, connected, procedure, "No node was started.");
    const states = new Map<string, string>(connected.map(({ node }) => [node.name, "runs"]));
    const problems: string[] = [];
    for (const one of connected) {
      if (before.get(one.node.name) === "running") continue;
      const problem = await startOne(context, one, procedure);
      if (problem === null) continue;
      states.set(one.node.name, "does not run, or it is not known");
      problems.push(...problem);
    }
    if (problems.length > 0) throw notStarted(problems, states);
    await leaveMaintenance(context, connected[0], procedure);
    return connected.map(({ node }) => ({
      node: node.name,
      was: before.get(node.name) === "running" ? "running" : "stopped",
    }));
  });
}

/** Null: it runs. */
async function startOne(context: NodeContext, one: ConnectedNode, procedure: NodeProcedure): Promise<string[] | null> {
  const { name } = one.node;
  const milliseconds = procedure.timeoutSeconds * 1000;
  const deadline = Date.now() + milliseconds;
  context.progress(`${name}: starting`);
  try {
    const result = await one.ssh.run(procedure.start, { timeoutMilliseconds: milliseconds, signal: context.signal });
    const patience = result.exitCode === 0 ? deadline : Date.now();
    const answer = await untilState(context, one, procedure, { state: "running", deadline: patience });
    if (answer.reached) return null;
    return [`${name}: ${procedure.start.join(" ")}: ${saidBy(result)}; ${procedure.running.join(" ")}: ${answer.said}`];
  } catch (error) {
    context.signal.throwIfAborted();
    return describeError(error).map((line) => `${name}: ${line}`);
  }
}

async function leaveMaintenance(
  context: NodeContext,
  first: ConnectedNode | undefined,
  { maintenanceMode, timeoutSeconds }: NodeProcedure,
): Promise<void> {
  if (maintenanceMode === undefined || first === undefined) return;
  context.progress(`${first.node.name}: leaving maintenance mode`);
  const options = { timeoutMilliseconds: timeoutSeconds * 1000, signal: context.signal };
  const result = await first.ssh.run(maintenanceMode.leave, options);
  if (result.exitCode === 0) return;
  throw new CutoverError({
    code: "CUT-5607",
    verdict: "failed",
    happened: `node ${first.node.name} did not leave maintenance mode: all nodes run, but users are kept out`,
    evidence: [`${maintenanceMode.leave.join(" ")}: ${saidBy(result)}`],
    untouched: "Databases and folders are as they were.",
    next: "End maintenance mode by hand, or run the same command again.",
  });
}

function notStarted(problems: readonly string[], states: ReadonlyMap<string, string>): CutoverError {
  return new CutoverError({
    code: "CUT-5606",
    verdict: "failed",
    happened: "not every node runs again",
    evidence: [...problems, ...describeStates(states)],
    untouched: "Databases and folders are as they were; maintenance mode was not left.",
    next: "Start the application there by hand, then run the same command again: it starts only what does not run.",
  });
}
