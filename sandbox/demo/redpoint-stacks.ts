import type { Sandbox } from "../contracts.ts";
import {
  createRedpointEnvironment,
  useSandboxNodes,
  useSandboxValues,
  type RedpointEnvironment,
} from "../redpoint/environments.ts";
import type { Workspace } from "../workspace.ts";
import { say } from "./narrate.ts";
import { clusterUid, prefixOf, stages, type Stage } from "./stacks.ts";

export const redpointStack = (stage: Stage): string => `redpoint-${stage}`;
export const redpointTenants = ["acme", "globex"] as const;
export const ledgerNamespace = "cutover";
/** The group that signs off before production: every ServiceAccount of the namespace `people` is in it. */
export const uatGroup = "system:serviceaccounts:people";

/** v6 of each stage: databases and nodes of its own. */
export type Environments = Readonly<Record<Stage, RedpointEnvironment>>;

/** Dev works on clones; staging and prod migrate their own v6. Nothing of v7 exists yet. */
export async function makeEnvironments(sandbox: Sandbox): Promise<Environments> {
  const make = (stage: Stage): Promise<RedpointEnvironment> =>
    createRedpointEnvironment({
      sandbox,
      name: stage,
      mode: stage === "dev" ? "clone" : "inPlace",
      prefix: prefixOf(stage),
      ledgerNamespace,
      tenants: redpointTenants,
      say,
    });
  return { dev: await make("dev"), staging: await make("staging"), prod: await make("prod") };
}

const minuteMilliseconds = 60_000;
const everyDay = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** Fills in the three stack files, release set v6, and makes the stacks known to Pulumi. */
export async function prepareRedpointStacks(
  sandbox: Sandbox,
  workspace: Workspace,
  environments: Environments,
): Promise<void> {
  useSandboxNodes(workspace.directory);
  const uid = await clusterUid(sandbox);
  for (const stage of stages) {
    const stack = redpointStack(stage);
    useSandboxValues(workspace.directory, stack, environments[stage]);
    await workspace.editStack(stack, {
      ...environments[stage].settings,
      ...(stage === "prod" ? guardsOfProd(uid) : {}),
    });
    await workspace.initStack(stack);
  }
}

/** As in the stack file that ships, with times that suit a demo: its window is open now. */
function guardsOfProd(uid: string): Record<string, unknown> {
  const start = new Date(Date.now() - 5 * minuteMilliseconds).toISOString().slice(11, 16);
  return {
    cluster: { ledgerNamespace, uid },
    approvals: [{ role: "uat", count: 1, groups: [uatGroup] }],
    window: { zone: "UTC", allow: [{ days: everyDay, start, length: "20h" }] },
    announce: "2s",
  };
}
