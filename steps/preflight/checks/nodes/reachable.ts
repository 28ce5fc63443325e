import type { Check } from "../../contract.ts";
import { notGuarded } from "../../guarded.ts";
import { count, errored, passed, skipped } from "../../outcome.ts";

/** Every node takes our login with its pinned host key and can say whether the application runs. */
export const nodesReachable: Check = {
  name: "nodes-reachable",
  code: "CUT-3220",
  overridable: true,
  async run(context) {
    const { nodes, procedure } = context.spec;
    if (nodes.length === 0 || procedure === null) return skipped("there are no nodes to reach");
    const free = await notGuarded(context);
    if (free !== null) return free;
    const [{ withNodes }, { askState }] = await Promise.all([
      import("../../../nodes/connect.ts"),
      import("../../../nodes/run-state.ts"),
    ]);
    const answers = await withNodes(context.step, nodes, procedure, (connected) =>
      Promise.all(
        connected.map(async (one) => ({ name: one.node.name, ...(await askState(context.step, one, procedure)) })),
      ),
    );
    const lines = answers.map(({ name, state, said }) => `${name}: ${state === "unknown" ? said : state}`);
    if (answers.every(({ state }) => state !== "unknown"))
      return passed(`${count(nodes.length, "node")} answer`, lines);
    return errored(
      "a node does not say whether the application runs",
      lines,
      `try it there: ${procedure.running.join(" ")} (0: runs, 1: is stopped)`,
    );
  },
};
