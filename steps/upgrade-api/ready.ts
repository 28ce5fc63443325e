import { setTimeout as sleep } from "node:timers/promises";
import type { DeploymentApi } from "../../clients/deployment-api.ts";
import { isReadyPod, podsOfService, runsTag } from "../../clients/service-endpoint.ts";
import type { Kubernetes } from "../../clients/contracts.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import { troublesOf } from "../../model/pod-trouble.ts";
import type { StepContext } from "../context.ts";
import { describeTrouble, troubleEvidence } from "../gates/pod-evidence.ts";
import { formatDuration } from "../gates/progress.ts";
import type { CalledMigrationSpec } from "./situation.ts";

const paceMilliseconds = 500;
const sayEvery = 10_000;

/** What is still waited for; null: nothing. */
type Waiting = string | null;

/**
 * Waits until the API answers on its ready path and all pods behind it run the wanted image: the pods of the version before may be Ready
 * for a while. Ready pods alone say nothing, since some charts give this API no probes (facts/domain.md A4).
 * Throws CUT-5703 at the time-out, CUT-5704 when a pod cannot start.
 */
export async function waitUntilReady(
  context: StepContext,
  spec: CalledMigrationSpec,
  api: DeploymentApi,
): Promise<void> {
  const kubernetes = await context.kubernetes();
  const began = Date.now();
  const deadline = began + spec.migrate.readyTimeoutSeconds * 1000;
  let saidAt = began;
  for (;;) {
    const waiting = await waitingFor(kubernetes, spec, api).catch((error: unknown) => {
      if (context.signal.aborted || isHopeless(error)) throw error;
      return messageOf(error);
    });
    if (waiting === null) return;
    const now = Date.now();
    if (now >= deadline) throw notReady(spec, waiting);
    if (now - saidAt >= sayEvery) {
      saidAt = now;
      context.progress(`${waiting}, ${formatDuration(now - began)} of ${formatDuration(deadline - began)}`);
    }
    await sleep(paceMilliseconds, undefined, { signal: context.signal }).catch(() => undefined);
    if (context.signal.aborted) throw context.signal.reason;
  }
}

async function waitingFor(kubernetes: Kubernetes, spec: CalledMigrationSpec, api: DeploymentApi): Promise<Waiting> {
  const { service, migrate } = spec;
  const { endpoint } = migrate;
  const found = await podsOfService(kubernetes, { namespace: service.namespace, service: endpoint.service });
  // Behind an address of its own the Service may have another name: then only the API itself can be asked.
  if (found === null && endpoint.url === undefined) return `there is no Service ${endpoint.service}`;
  const tag = service.image?.tag ?? null;
  const own = (found?.pods ?? []).filter((pod) => runsTag(pod, tag));
  for (const pod of own) {
    const hopeless = troublesOf(pod).filter((trouble) => trouble.hopeless && trouble.graceMilliseconds === 0);
    const [first] = hopeless;
    if (first === undefined) continue;
    throw cannotStart(spec, describeTrouble(first), await troubleEvidence(kubernetes, service.namespace, hopeless));
  }
  if (found !== null && !own.some(isReadyPod)) {
    return `no Ready pod of Service ${endpoint.service}${tag === null ? "" : ` runs ${tag}`}`;
  }
  const old = found?.pods.find((pod) => isReadyPod(pod) && !runsTag(pod, tag));
  if (old !== undefined) return `pod ${old.metadata.name} of the version before still answers`;
  const { ready, problem } = await api.ready(migrate.readyPath);
  return ready ? null : problem;
}

const isHopeless = (error: unknown): boolean => error instanceof CutoverError && error.details.code === "CUT-5704";

function notReady({ service, migrate }: CalledMigrationSpec, waiting: string): CutoverError {
  return new CutoverError({
    code: "CUT-5703",
    verdict: "errored",
    happened: `the upgrade API of ${service.name} was not ready within ${migrate.readyTimeoutSeconds} s`,
    evidence: [waiting],
    untouched: "It was not called: the databases are as they were.",
    next: `kubectl get pods -n ${service.namespace}; the same command goes on here.`,
  });
}

function cannotStart({ service }: CalledMigrationSpec, trouble: string, evidence: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5704",
    verdict: "failed",
    happened: `the upgrade API of ${service.name} cannot start: ${trouble}`,
    evidence,
    untouched: "It was not called: the databases are as they were.",
    next: "Remove the cause, then run the same command again; or take it back: no database has to be restored.",
  });
}
