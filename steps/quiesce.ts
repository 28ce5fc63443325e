import { CutoverError } from "../model/error.ts";
import { whyNotQuiesced } from "../model/nodes/run-state.ts";
import { quiesceSpec } from "../model/step-specs.ts";
import { parseSpec, type Outcome, type StepContext } from "./context.ts";
import { skippedOnTheWayBack } from "./platform/not-on-the-way-back.ts";

/** Says without a worker that nothing has to be stopped. */
export async function quick(context: StepContext): Promise<Outcome | null> {
  const spec = parseSpec(quiesceSpec, context.request);
  const why = whyNotQuiesced(spec);
  if (why !== null) return { verdict: "skipped", summary: why };
  return skippedOnTheWayBack(context);
}

/**
 * Stops the application on all nodes outside Kubernetes before anything is saved (seed 000: production). All nodes are asked before the first
 * is stopped. Runs in a worker; run again it finds stopped nodes stopped.
 */
export async function run(context: StepContext): Promise<Outcome> {
  const skipped = await quick(context);
  if (skipped !== null) return skipped;
  const { nodes, procedure } = parseSpec(quiesceSpec, context.request);
  if (procedure === null) throw noProcedure();
  const { stopNodes } = await import("./nodes/stop.ts");
  const { stopped, alreadyStopped, maintenanceOn } = await stopNodes(context, nodes, procedure);
  const evidence = [
    ...(maintenanceOn === null ? [] : [`maintenance mode entered on ${maintenanceOn}`]),
    ...stopped.map((node) => `${node}: stopped, and says so itself`),
    ...alreadyStopped.map((node) => `${node}: was stopped already`),
  ];
  const count = stopped.length + alreadyStopped.length;
  return {
    verdict: "passed",
    summary:
      stopped.length === 0 ? `all ${count} nodes were stopped already` : `${stopped.length} of ${count} nodes stopped`,
    evidence: evidence.length <= 20 ? evidence : [...evidence.slice(0, 20), `and ${evidence.length - 20} more`],
    facts: { stopped, alreadyStopped, maintenanceOn, quietSince: new Date().toISOString() },
  };
}

function noProcedure(): CutoverError {
  return new CutoverError({
    code: "CUT-5600",
    verdict: "errored",
    happened: "the release set does not say how nodes are stopped",
    untouched: "No node was asked.",
    next: "Write nodes: into the release set that runs on them.",
    exitCode: 2,
  });
}
