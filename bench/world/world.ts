import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kubernetes } from "../../clients/contracts.ts";
import { connectKubernetes } from "../../clients/kubernetes.ts";
import { namespaces } from "../../clients/kubernetes-kinds.ts";
import { openLedgerOn, type LedgerStore } from "../../clients/ledger-store.ts";
import type { ResolvedService } from "../../model/service.ts";
import type { Sandbox } from "../../sandbox/contracts.ts";
import { prepareApplications } from "../../sandbox/simulators/prepare.ts";
import { createWorkspace, type Workspace } from "../../sandbox/workspace.ts";
import type * as StackPlan from "../../stacks/stack-plan.ts";
import { acknowledgeAll, quickGates } from "./settings.ts";
import { useSnapshot } from "./snapshot.ts";

export interface WorldOptions {
  /** Default `infomart-dev`. Another one's file must be written by `prepareStacks`. */
  stack?: string;
  tenants?: string[];
  /** Rows in each big fact table. */
  factRows?: number;
  /** `cutover:` keys besides the usual ones. */
  settings?: Record<string, unknown>;
  /** Changes the workspace's own copy of `stacks/` before anything runs. */
  prepareStacks?: (directory: string) => Promise<void>;
}

/** Namespaces, databases, ledger, Pulumi state and project copy for one contender or a few. */
export interface World {
  sandbox: Sandbox;
  workspace: Workspace;
  /** Before the name of every namespace. */
  prefix: string;
  stack: string;
  kubernetes: Kubernetes;
  ledger: LedgerStore;
  /** The stack's services as the program resolves them now. */
  services(): Promise<ResolvedService[]>;
  /** Deletes namespaces and project copy, and waits until the pods are gone. */
  remove(): Promise<void>;
}

/** Opens a world in which nothing is installed yet. */
export async function openWorld(sandbox: Sandbox, snapshot: string, options: WorldOptions = {}): Promise<World> {
  const prefix = `b${randomBytes(2).toString("hex")}-`;
  const stack = options.stack ?? "infomart-dev";
  const tenants = options.tenants ?? ["t100"];
  const { kubeconfig, database, environment } = sandbox;
  const factRows = options.factRows ?? 200;
  await prepareApplications({ kubeconfig, database, environment, prefixes: [prefix], tenants, factRows });
  const state = path.join(sandbox.directory, "states", prefix);
  await mkdir(state, { recursive: true });
  const workspace = await createWorkspace({
    directory: sandbox.directory,
    environment: { ...environment, PULUMI_BACKEND_URL: `file://${state}` },
  });
  await useSnapshot(workspace.directory, snapshot);
  await options.prepareStacks?.(workspace.directory);
  const ledgerNamespace = `${prefix}cutover`;
  await workspace.editStack(stack, {
    tenants: tenants.map((id) => ({ id })),
    namespaces: { prefix },
    cluster: { ledgerNamespace },
    prometheus: sandbox.prometheusUrl,
    ...(sandbox.kafka === null ? {} : { kafka: sandbox.kafka }),
    gateSettings: quickGates,
    acknowledged: await acknowledgeAll(workspace.directory),
    overrides: [{ check: "install-order", reason: "first installation for a benchmark" }],
    ...options.settings,
  });
  await workspace.initStack(stack);
  const kubernetes = await connectKubernetes({});
  return {
    sandbox,
    workspace,
    prefix,
    stack,
    kubernetes,
    ledger: openLedgerOn(kubernetes, { stack, cluster: { ledgerNamespace } }),
    services: async () => {
      // The workspace's own copy: it may have a platform that the project does not have.
      const file = path.join(workspace.directory, "stacks", "stack-plan.ts");
      const { planStack } = (await import(file)) as typeof StackPlan;
      const plan = await planStack(workspace.directory, stack, () => Promise.resolve([]));
      return plan.services.map(({ service }) => service);
    },
    remove: async () => {
      await removeNamespaces(kubernetes, prefix);
      await workspace.remove();
      await rm(state, { recursive: true, force: true });
    },
  };
}

const patienceMilliseconds = 60_000;

async function removeNamespaces(kubernetes: Kubernetes, prefix: string): Promise<void> {
  const own = async () =>
    (await kubernetes.list(namespaces, null)).filter(({ metadata }) => metadata.name.startsWith(prefix));
  for (const { metadata } of await own()) await kubernetes.delete(namespaces, null, metadata.name);
  const giveUp = Date.now() + patienceMilliseconds;
  // Left-over pods would be simulated and scraped during the next contender's time.
  while ((await own()).length > 0 && Date.now() < giveUp) await sleep(250);
}
