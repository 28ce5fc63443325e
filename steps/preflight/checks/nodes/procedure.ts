import type { Check } from "../../contract.ts";
import { notGuarded } from "../../guarded.ts";
import { count, failed, passed, skipped } from "../../outcome.ts";

/** Nodes outside Kubernetes are named where they have to be stopped, and a release set says how. */
export const nodeProcedureCheck: Check = {
  name: "node-procedure",
  code: "CUT-3222",
  overridable: true,
  async run(context) {
    const { nodes, procedure, platformSteps, operationalDatabases, releaseOrder } = context.spec;
    const free = await notGuarded(context);
    if (free !== null) return free;
    if (nodes.length > 0) {
      if (procedure !== null) return passed(`${count(nodes.length, "node")}, stopped by: ${procedure.stop.join(" ")}`);
      return failed(
        "no release set says how the nodes are stopped and started",
        [`nodes: ${nodes.map(({ name }) => name).join(", ")}`, `release sets: ${releaseOrder.join(", ")}`],
        "add `nodes` to the release set that runs on them, such as releases/v6/release.yaml",
      );
    }
    const stops = platformSteps.includes("quiesce") && operationalDatabases?.mode === "inPlace";
    if (!stops) return skipped("the stack names no nodes");
    return failed(
      "the databases are migrated in place, but the stack names no node that is stopped before",
      ["v6 works on the same databases: it must not run while v7 migrates them (facts/domain.md A8)"],
      "list v6's nodes under cutover:nodes; if v6 does not run any more, override node-procedure with that reason",
    );
  },
};
