import { openLedger } from "../../../clients/ledger-store.ts";
import { prepareApplications } from "../../../sandbox/simulators/prepare.ts";
import { namespaces } from "./cluster-view.ts";
import type { Scenario } from "./scenario.ts";

/** A stack above the scenario's: in the same workspace and cluster, with namespaces and a database of its own; nothing is installed. */
export async function openUpperStack(
  scenario: Scenario,
  stage: "staging" | "prod",
  changes: Record<string, unknown> = {},
): Promise<Scenario> {
  const { sandbox, workspace, kubernetes } = scenario;
  const stack = `infomart-${stage}`;
  const prefix = `${scenario.prefix}${stage}-`;
  await prepareApplications({
    kubeconfig: sandbox.kubeconfig,
    database: sandbox.database,
    prefixes: [prefix],
    tenants: ["t100"],
    factRows: 200,
  });
  const { ledgerNamespace } = scenario.settings["cluster"] as { ledgerNamespace: string };
  const uid = (await kubernetes.get(namespaces, null, "kube-system"))?.metadata.uid;
  const settings = {
    ...scenario.settings,
    namespaces: { prefix },
    cluster: { ledgerNamespace, uid },
    kafka: sandbox.kafka,
    overrides: [
      { check: "install-order", reason: "first installation in the sandbox" },
      ...(sandbox.kafka === null ? [{ check: "kafka", reason: "this machine has no Java, so no Kafka" }] : []),
    ],
    ...changes,
  };
  await workspace.editStack(stack, settings);
  await workspace.initStack(stack);
  const ledger = await openLedger({ stack, cluster: { ledgerNamespace } });
  return { ...scenario, stack, prefix, ledger, settings };
}
