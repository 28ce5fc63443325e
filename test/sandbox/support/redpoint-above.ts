import { openLedger } from "../../../clients/ledger-store.ts";
import { createRedpointEnvironment, useSandboxValues } from "../../../sandbox/redpoint/environments.ts";
import { namespaces } from "./cluster-view.ts";
import type { RedpointScenario } from "./redpoint-scenario.ts";

/** A stack above the scenario's, in the same workspace and cluster, with a v6 of its own that will be migrated in place. */
export async function openRedpointAbove(
  lower: RedpointScenario,
  stage: "staging" | "prod",
  changes: Record<string, unknown> = {},
): Promise<RedpointScenario> {
  const { sandbox, workspace, kubernetes } = lower;
  const stack = `redpoint-${stage}`;
  const prefix = `${lower.prefix}${stage}-`;
  const { ledgerNamespace } = lower.settings["cluster"] as { ledgerNamespace: string };
  const how = { sandbox, name: prefix.slice(0, -1), mode: "inPlace", prefix, ledgerNamespace } as const;
  const environment = await createRedpointEnvironment(how);
  useSandboxValues(workspace.directory, stack, environment);
  const uid = (await kubernetes.get(namespaces, null, "kube-system"))?.metadata.uid;
  const settings = { ...environment.settings, cluster: { ledgerNamespace, uid }, ...changes };
  await workspace.editStack(stack, settings);
  await workspace.initStack(stack);
  const ledger = await openLedger({ stack, cluster: { ledgerNamespace } });
  return { ...lower, stack, prefix, ledger, settings, environment };
}
