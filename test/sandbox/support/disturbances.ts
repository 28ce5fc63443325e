import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import type { KubernetesObject } from "../../../clients/contracts.ts";
import { verifyPages } from "../../../model/ledger-verify.ts";
import { projectRoot } from "../../../sandbox/workspace.ts";
import type { StepKind } from "../../../model/step.ts";
import { namespaceOf, pods, secrets } from "./cluster-view.ts";
import type { Scenario } from "./scenario.ts";
import { changeDatabaseSecret, databaseSecret, edit, pages, receipts, sql } from "./world.ts";

/** A new password in PostgreSQL and in the Secret, as a rotation would do it; returns it. */
export async function rotatePassword(scenario: Scenario, tenant: string): Promise<string> {
  const { db_username: user } = await databaseSecret(scenario, tenant);
  const password = `rotated-${Date.now()}`;
  await sql(scenario, `alter role "${user}" password '${password}'`, tenant);
  await changeDatabaseSecret(scenario, tenant, { db_password: password });
  return password;
}

/** What the ledger's own verification complains about. */
export async function ledgerProblems(scenario: Scenario): Promise<unknown[]> {
  return verifyPages(await pages(scenario));
}

/** The project's own `stacks/` again, with the scenario's settings. */
export async function restoreStacks(scenario: Scenario): Promise<void> {
  const target = join(scenario.workspace.directory, "stacks");
  await rm(target, { recursive: true });
  await cp(join(projectRoot, "stacks"), target, { recursive: true });
  await edit(scenario, scenario.settings);
}

/** Runs `act` as soon as the ledger has a passed receipt of that step; reject with the act's error. */
export async function afterStep(
  scenario: Scenario,
  service: string,
  step: StepKind,
  act: () => Promise<void>,
): Promise<void> {
  const before = (await receipts(scenario)).length;
  for (;;) {
    const fresh = (await receipts(scenario)).slice(before);
    if (fresh.some((receipt) => receipt.service === service && receipt.step === step)) return act();
    await sleep(50);
  }
}

const podsOfRelease = (scenario: Scenario, service: string): Promise<KubernetesObject[]> =>
  scenario.kubernetes.list(pods, namespaceOf(scenario.prefix, service), {
    labelSelector: `app.kubernetes.io/instance=${service}`,
  });

const isReady = (pod: KubernetesObject): boolean =>
  (pod.status?.["conditions"] as { type: string; status: string }[] | undefined)?.some(
    (condition) => condition.type === "Ready" && condition.status === "True",
  ) ?? false;

async function replacePods(scenario: Scenario, service: string, ready: boolean): Promise<void> {
  const old = new Set((await podsOfRelease(scenario, service)).map((pod) => pod.metadata.uid));
  for (const pod of await podsOfRelease(scenario, service))
    await scenario.kubernetes.delete(pods, pod.metadata.namespace ?? "", pod.metadata.name);
  for (;;) {
    const now = await podsOfRelease(scenario, service);
    if (now.length > 0 && now.every((pod) => !old.has(pod.metadata.uid) && isReady(pod) === ready)) return;
    await sleep(100);
  }
}

/** The service's pod is replaced by one that never becomes Ready. */
export async function breakPod(scenario: Scenario, service: string): Promise<void> {
  const application = service.startsWith("gca") ? "gca" : service.startsWith("gsp") ? "gsp" : "gim";
  await scenario.sandbox.simulators.setFaults([
    { application, namespace: namespaceOf(scenario.prefix, service), fault: "neverReady" },
  ]);
  await replacePods(scenario, service, false);
}

export async function healPods(scenario: Scenario, service: string): Promise<void> {
  await scenario.sandbox.simulators.clearFaults();
  await replacePods(scenario, service, true);
}

/** Leaves a release as a killed Helm would: its newest revision in `pending-upgrade`. */
export async function makeReleasePending(scenario: Scenario, namespace: string, release: string): Promise<void> {
  const found = await scenario.kubernetes.list(secrets, namespace, { labelSelector: `owner=helm,name=${release}` });
  const newest = found.sort(
    (a, b) => Number(b.metadata.labels?.["version"]) - Number(a.metadata.labels?.["version"]),
  )[0];
  const data = newest?.data?.["release"];
  if (newest === undefined || data === undefined) throw new Error(`${release} is not installed`);
  const inner = Buffer.from(Buffer.from(data, "base64").toString(), "base64");
  const record = JSON.parse(gunzipSync(inner).toString()) as { info: { status: string } };
  record.info.status = "pending-upgrade";
  const packed = gzipSync(JSON.stringify(record)).toString("base64");
  await scenario.kubernetes.patch(secrets, namespace, newest.metadata.name, {
    metadata: { labels: { status: "pending-upgrade" } },
    data: { release: Buffer.from(packed).toString("base64") },
  });
}
