import { setTimeout as sleep } from "node:timers/promises";
import { pods } from "../../clients/kubernetes-kinds.ts";
import { CutoverError } from "../../model/error.ts";
import type { ResolvedService } from "../../model/service.ts";
import { openPulumi } from "../pulumi-command.ts";
import { readState } from "../pulumi-state.ts";
import type { Driver } from "./driver.ts";

const patienceMilliseconds = 300_000;
const lookMilliseconds = 250;

/** Outside dev the releases are protected in Pulumi's state; only a removal that a person asked for lifts that. */
export async function unprotect(driver: Driver, service: string): Promise<void> {
  const pulumi = openPulumi(driver.context.root, driver.stack);
  const { releases } = await readState(pulumi);
  const release = releases.find((one) => one.name === service);
  if (release !== undefined) await pulumi(["state", "unprotect", release.urn, "--yes"]);
}

/** Waits until the pods of a removed service are gone, then records its removal. Throws CUT-6441 when some stay. */
export async function recordRemoved(driver: Driver, service: ResolvedService): Promise<void> {
  await waitUntilGone(driver, service);
  const { name, namespace, helmRelease } = service;
  await driver.ledger.append({ kind: "removed", service: name, namespace, helmRelease });
}

async function waitUntilGone(driver: Driver, service: ResolvedService): Promise<void> {
  const labelSelector = `app.kubernetes.io/instance=${service.helmRelease}`;
  const giveUp = Date.now() + patienceMilliseconds;
  for (;;) {
    const left = await driver.kubernetes.list(pods, service.namespace, { labelSelector });
    if (left.length === 0) return;
    if (Date.now() > giveUp || driver.context.signal.aborted) {
      const names = left.map((pod) => pod.metadata.name).join(", ");
      throw new CutoverError({
        code: "CUT-6441",
        verdict: "failed",
        happened: `the pods of ${service.name} are still there`,
        evidence: [names],
        untouched: "Databases, object storage and every other service.",
        next: `kubectl -n ${service.namespace} describe pod; then the same command again`,
        exitCode: 19,
      });
    }
    await sleep(lookMilliseconds);
  }
}
