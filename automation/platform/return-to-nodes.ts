import type { StackContext } from "../../components/context.ts";
import { openReleaseSets } from "../../stacks/release-sets.ts";
import { nodeProcedureOf } from "../../stacks/node-procedure.ts";
import type { Driver } from "../run/driver.ts";
import { manualAttempt, openStepWork } from "../step-work.ts";

/**
 * The last part of a rollback to a release set that runs on nodes (Redpoint v6): starts them again. On clones they ran all the time; there
 * the clones are put aside under new names, so that the next upgrade can clone anew and nothing is lost. Returns a line for each part.
 */
export async function returnToNodes(
  driver: Driver,
  release: string,
  outside: StackContext["outside"],
): Promise<string[]> {
  const { context, stack, settings } = driver;
  const { operationalDatabases, nodes } = outside;
  const attempt = manualAttempt(new Date());
  const work = { stack, step: "restore" as const, attempt, spec: {} };
  const connections = await openStepWork(context, null, work);
  try {
    if (operationalDatabases?.mode === "clone") {
      const { putClonesAside } = await import("../../steps/operational/put-aside.ts");
      const aside = await putClonesAside(connections.context, operationalDatabases, attempt.replace("manual-", ""));
      return [
        ...aside.map(({ database, kept }) => `${database}: kept as ${kept}`),
        `${release} ran on: this stack worked on clones of its databases`,
      ];
    }
    const procedure = nodeProcedureOf(openReleaseSets(context.root, settings.platform), release);
    if (nodes.length === 0 || procedure === null) return [];
    const { startNodes } = await import("../../steps/nodes/start.ts");
    await startNodes(connections.context, nodes, procedure);
    return [`${release} runs again on ${nodes.map(({ name }) => name).join(", ")}`];
  } finally {
    await connections.close();
  }
}
