import { CutoverError, describeError } from "../../model/error.ts";
import type { NodeProcedure, NodeSettings } from "../../model/nodes.ts";
import { describeStates } from "../../model/nodes/run-state.ts";
import { withNodes, type ConnectedNode, type NodeContext } from "./connect.ts";
import { askAll, saidBy, untilState } from "./run-state.ts";

/** Which nodes were stopped now, and which before. */
export interface StoppedNodes {
  stopped: string[];
  alreadyStopped: string[];
  /** Where maintenance mode was entered; null: nowhere. */
  maintenanceOn: string | null;
}

/**
 * Enters maintenance mode on the first node that runs, then stops one node after the other until each says that it is stopped. Throws
 * CUT-5602 to 5605, each with where every node stands.
 */
export async function stopNodes(
  context: NodeContext,
  nodes: readonly NodeSettings[],
  procedure: NodeProcedure,
): Promise<StoppedNodes> {
  return withNodes(context, nodes, procedure, async (connected) => {
    const before = await askAll(context, connected, procedure, "No node was stopped.");
    const running = connected.filter(({ node }) => before.get(node.name) === "running");
    const alreadyStopped = connected.filter((one) => !running.includes(one)).map(({ node }) => node.name);
    const maintenanceOn = await enterMaintenance(context, running[0], procedure);
    const states = new Map<string, string>(
      connected.map(({ node }) => [node.name, "still runs, was not asked to stop"]),
    );
    for (const node of alreadyStopped) states.set(node, "is stopped");
    for (const one of running) {
      await stopOne(context, one, procedure, states);
      states.set(one.node.name, "is stopped");
    }
    return { stopped: running.map(({ node }) => node.name), alreadyStopped, maintenanceOn };
  });
}

async function enterMaintenance(
  context: NodeContext,
  first: ConnectedNode | undefined,
  { maintenanceMode, timeoutSeconds }: NodeProcedure,
): Promise<string | null> {
  if (maintenanceMode === undefined || first === undefined) return null;
  context.progress(`${first.node.name}: entering maintenance mode`);
  const options = { timeoutMilliseconds: timeoutSeconds * 1000, signal: context.signal };
  const result = await first.ssh.run(maintenanceMode.enter, options);
  if (result.exitCode === 0) return first.node.name;
  throw new CutoverError({
    code: "CUT-5603",
    verdict: "failed",
    happened: `node ${first.node.name} did not enter maintenance mode`,
    evidence: [`${maintenanceMode.enter.join(" ")}: ${saidBy(result)}`],
    untouched: "No node was stopped.",
    next: "Look at the node, then run pulumi up again.",
  });
}

async function stopOne(
  context: NodeContext,
  one: ConnectedNode,
  procedure: NodeProcedure,
  states: Map<string, string>,
): Promise<void> {
  const { name } = one.node;
  const deadline = Date.now() + procedure.timeoutSeconds * 1000;
  context.progress(`${name}: stopping`);
  states.set(name, "was asked to stop, state not known");
  let said: string;
  try {
    const options = { timeoutMilliseconds: procedure.timeoutSeconds * 1000, signal: context.signal };
    const result = await one.ssh.run(procedure.stop, options);
    said = `${procedure.stop.join(" ")}: ${saidBy(result)}`;
    // A stop that says no may still have found the application stopped; a moment later it is known.
    const patience = result.exitCode === 0 ? deadline : Date.now();
    const answer = await untilState(context, one, procedure, { state: "stopped", deadline: patience });
    if (answer.reached) return;
    if (answer.state === "running") states.set(name, "was asked to stop and still runs");
    said += `; ${procedure.running.join(" ")}: ${answer.said}`;
  } catch (error) {
    context.signal.throwIfAborted();
    throw notStopped(name, states, describeError(error), error);
  }
  throw notStopped(name, states, [said], undefined);
}

function notStopped(name: string, states: Map<string, string>, why: string[], cause: unknown): CutoverError {
  const runs = states.get(name) === "was asked to stop and still runs";
  return new CutoverError(
    {
      code: runs ? "CUT-5604" : "CUT-5605",
      verdict: runs ? "failed" : "errored",
      happened: runs ? `node ${name} did not stop` : `whether node ${name} has stopped is not known`,
      evidence: [...why, ...describeStates(states)],
      untouched: "Nothing was saved and nothing was deployed; databases and folders are as they were.",
      next: `Stop the application on ${name} by hand, then run pulumi up again: stopped nodes stay stopped. To work on with v6 instead: cutover rollback starts all nodes again.`,
    },
    cause === undefined ? undefined : { cause },
  );
}
