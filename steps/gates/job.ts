import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "../../clients/contracts.ts";
import { jobs, pods } from "../../clients/kubernetes-kinds.ts";
import { conditionOf, numberAt } from "../../model/cluster-object.ts";
import type { Finding, Gate, RunningGate } from "./contract.ts";
import { createProgress, formatDuration } from "./progress.ts";

/** Watches a Job until it is complete; fails at once when it has failed, at the time-out when it is still running or not there. */
export const judge: Gate<"job"> = async (spec, context) => {
  const { kubernetes, service, deadline, startedAt } = context;
  const done = new AbortController();
  const stop = AbortSignal.any([context.signal, done.signal]);
  const progress = createProgress(context.say, `${service.name} ${spec.name}`, startedAt, deadline);
  let waitingFor = "the API server did not list the Job";
  const seen: { job: KubernetesObject | null; listed: boolean } = { job: null, listed: false };
  let wake = () => {};
  const onChange = (found: readonly KubernetesObject[]) => {
    seen.job = found.find((job) => job.metadata.name === spec.job) ?? null;
    seen.listed = true;
    wake();
  };
  const fieldSelector = `metadata.name=${spec.job}`;
  const watching = kubernetes.watch(jobs, service.namespace, { fieldSelector }, onChange, stop);
  watching.catch(() => undefined);
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (seen.listed) waitingFor = describeJob(spec.job, seen.job);
      const finding = await judgeJob(spec.job, seen.job, context);
      if (finding !== null) return finding;
      if (Date.now() >= deadline || context.signal.aborted) {
        const summary = `not complete within ${formatDuration(Date.now() - startedAt)}: ${waitingFor}`;
        return { verdict: seen.listed ? "failed" : "errored", summary, evidence: [] };
      }
      progress(waitingFor);
      const timer = sleep(Math.min(1_000, deadline - Date.now()), undefined, { signal: stop }).catch(() => undefined);
      await Promise.race([changed, watching, timer]);
    }
  } finally {
    done.abort();
  }
};

async function judgeJob(name: string, job: KubernetesObject | null, context: RunningGate): Promise<Finding | null> {
  if (job === null) return null;
  if (conditionOf(job, "Complete")?.status === "True") {
    return { verdict: "passed", summary: `Job ${name} is complete`, evidence: [describeJob(name, job)] };
  }
  // FailureTarget comes before the last pod has ended; both are final.
  const failure = [conditionOf(job, "Failed"), conditionOf(job, "FailureTarget")].find(
    (entry) => entry?.status === "True",
  );
  if (failure === undefined || failure === null) return null;
  const evidence = [`${failure.reason}: ${failure.message}`, ...(await logOf(name, context))];
  return { verdict: "failed", summary: `Job ${name} failed: ${failure.reason}`, evidence };
}

function describeJob(name: string, job: KubernetesObject | null): string {
  if (job === null) return `there is no Job ${name}`;
  const count = (key: string) => numberAt(job.status, 0, key);
  return `Job ${name}: ${count("active")} active, ${count("succeeded")} succeeded, ${count("failed")} failed`;
}

async function logOf(job: string, { kubernetes, service }: RunningGate): Promise<string[]> {
  try {
    const own = await kubernetes.list(pods, service.namespace, {
      labelSelector: `batch.kubernetes.io/job-name=${job}`,
    });
    const last = own
      .sort((a, b) => (a.metadata.creationTimestamp ?? "").localeCompare(b.metadata.creationTimestamp ?? ""))
      .at(-1);
    const container = (last?.spec?.["containers"] as { name: string }[] | undefined)?.[0]?.name;
    if (last === undefined || container === undefined) return [];
    const lines = await kubernetes.logTail(service.namespace, last.metadata.name, container, 5);
    return lines.map((line) => `log of ${last.metadata.name}/${container}: ${line}`);
  } catch {
    return [];
  }
}
