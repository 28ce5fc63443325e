import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { connectKubernetes } from "../../../clients/kubernetes.ts";
import type { Kubernetes } from "../../../clients/contracts.ts";
import type { LedgerStore } from "../../../clients/ledger-contract.ts";
import { openLedger } from "../../../clients/ledger-store.ts";
import type { Sandbox } from "../../../sandbox/contracts.ts";
import { prepareApplications } from "../../../sandbox/simulators/prepare.ts";
import { createWorkspace, type Workspace } from "../../../sandbox/workspace.ts";
import { sharedSandbox } from "./shared-sandbox.ts";

/** One test's own world in the shared cluster: namespaces, databases, ledger, Pulumi state and project copy. */
export interface Scenario {
  sandbox: Sandbox;
  workspace: Workspace;
  /** Before every namespace of this scenario. */
  prefix: string;
  stack: string;
  kubernetes: Kubernetes;
  ledger: LedgerStore;
  /** Settings of the stack file as the scenario began. */
  settings: Record<string, unknown>;
}

export interface ScenarioOptions {
  release?: string;
  tenants?: string[];
  settings?: Record<string, unknown>;
  factRows?: number;
}

/** Gate windows that suit a sandbox: seconds instead of minutes. */
export const quickGates = {
  "gim-lag": { windowSeconds: 3, minimumSamples: 3, timeoutSeconds: 30 },
};

/** Namespaces, databases and a project copy of its own; nothing is installed yet. */
export async function openScenario(options: ScenarioOptions = {}): Promise<Scenario> {
  const sandbox = await sharedSandbox();
  const prefix = `s${randomBytes(2).toString("hex")}-`;
  const stack = "infomart-dev";
  const tenants = options.tenants ?? ["t100"];
  const ledgerNamespace = `${prefix}cutover`;
  await prepareApplications({
    kubeconfig: sandbox.kubeconfig,
    database: sandbox.database,
    environment: sandbox.environment,
    prefixes: [prefix],
    tenants,
    factRows: options.factRows ?? 200,
    say: () => undefined,
  });
  const state = join(sandbox.directory, "states", prefix);
  mkdirSync(state, { recursive: true });
  const workspace = await createWorkspace({
    directory: sandbox.directory,
    environment: { ...sandbox.environment, PULUMI_BACKEND_URL: `file://${state}` },
  });
  process.env["KUBECONFIG"] = sandbox.kubeconfig;
  const settings = {
    release: options.release ?? "r2026-08",
    tenants: tenants.map((id) => ({ id })),
    namespaces: { prefix },
    cluster: { ledgerNamespace },
    prometheus: sandbox.prometheusUrl,
    gateSettings: quickGates,
    acknowledged: await everyNote(),
    overrides: [{ check: "install-order", reason: "first installation in the sandbox" }],
    ...options.settings,
  };
  await workspace.editStack(stack, settings);
  await workspace.initStack(stack);
  return {
    sandbox,
    workspace,
    prefix,
    stack,
    kubernetes: await connectKubernetes({}),
    ledger: await openLedger({ stack, cluster: { ledgerNamespace } }),
    settings,
  };
}

/** All notes of the release sets count as read: the tests of notes say otherwise by themselves. */
async function everyNote(): Promise<string[]> {
  const { readFile } = await import("node:fs/promises");
  const { globSync } = await import("node:fs");
  const { parse } = await import("yaml");
  const root = join(import.meta.dirname, "../../../stacks/infomart/releases");
  const sets = await Promise.all(
    globSync("*/release.yaml", { cwd: root }).map(
      async (file) => parse(await readFile(join(root, file), "utf8")) as unknown,
    ),
  );
  return sets.flatMap((set) => (set as { notes?: { id: string }[] }).notes?.map((note) => note.id) ?? []);
}
