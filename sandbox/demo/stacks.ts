import type { Sandbox } from "../contracts.ts";
import { ClusterApi } from "../simulators/cluster-api.ts";
import { openReleaseSets } from "../../stacks/release-sets.ts";
import type { Workspace } from "../workspace.ts";
import { say } from "./narrate.ts";

/** The three stacks of the demo, the lowest first: each with namespaces and a database of its own in the one cluster. */
export const stages = ["dev", "staging", "prod"] as const;
export type Stage = (typeof stages)[number];

export const tenant = "t100";
export const stackOf = (stage: Stage): string => `infomart-${stage}`;
export const prefixOf = (stage: Stage): string => `${stage}-`;

// Everywhere the same: a promotion asks that the stack below judged by the same gates.
const gateSettings = { "gim-lag": { windowSeconds: 3, minimumSamples: 3, timeoutSeconds: 30 } };

/** Fills in the three stack files and makes the stacks known to Pulumi. `approver`: the Kubernetes user of the role uat. */
export async function prepareStacks(sandbox: Sandbox, workspace: Workspace, approver: string): Promise<void> {
  const acknowledged = notesOf(workspace, ["r2026-08", "r2026-11", "r2027-02"]);
  const uid = await clusterUid(sandbox);
  for (const stage of stages) {
    await workspace.editStack(stackOf(stage), {
      release: "r2026-08",
      tenants: [{ id: tenant }],
      namespaces: { prefix: prefixOf(stage) },
      prometheus: sandbox.prometheusUrl,
      kafka: sandbox.kafka,
      gateSettings,
      acknowledged,
      overrides: overridesOf(sandbox, stage, true),
      ...(stage === "dev" ? { failurePolicy: "rollback", rollbackScope: "run" } : {}),
      ...(stage === "prod" ? { cluster: { uid }, approvals: [{ role: "uat", users: [approver] }] } : {}),
    });
    await workspace.initStack(stackOf(stage));
  }
  if (sandbox.kafka === null) say("NO KAFKA on this machine: staging and prod override the check kafka, with a reason");
  say("staging and prod: the first installation overrides the checks promoted and approvals; upgrades do not");
}

/** From now on staging takes only what dev has verified, and prod what staging has and uat approves. */
export async function demandPromotion(sandbox: Sandbox, workspace: Workspace): Promise<void> {
  for (const stage of stages) {
    const overrides = overridesOf(sandbox, stage, false);
    await workspace.editStack(stackOf(stage), { overrides: overrides.length === 0 ? null : overrides });
  }
}

function overridesOf(sandbox: Sandbox, stage: Stage, installing: boolean): { check: string; reason: string }[] {
  const first = (check: string) => ({ check, reason: "first installation: there is nothing below to be promoted yet" });
  const noKafka = { check: "kafka", reason: "the demo runs on a machine without Java, so without Kafka" };
  return [
    ...(installing && stage !== "dev" ? [first("promoted")] : []),
    ...(installing && stage === "prod" ? [first("approvals")] : []),
    ...(sandbox.kafka === null && stage !== "dev" ? [noKafka] : []),
  ];
}

/** Ids of all release notes: in the demo they count as read. */
function notesOf(workspace: Workspace, names: readonly string[]): string[] {
  const sets = openReleaseSets(workspace.directory, "infomart");
  return names.flatMap((name) => sets.load(name).set.notes.map((note) => note.id));
}

/** What `cutover:cluster.uid` pins: the id of the namespace kube-system. */
export async function clusterUid(sandbox: Sandbox): Promise<string> {
  const api = new ClusterApi(sandbox.kubeconfig);
  const namespace = await api.call<{ metadata: { uid: string } }>("GET", "/api/v1/namespaces/kube-system");
  return namespace.metadata.uid;
}
