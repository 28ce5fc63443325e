import { setTimeout as sleep } from "node:timers/promises";
import { deployedManifest, missingWorkloads } from "../../clients/helm-manifest.ts";
import type { Health } from "../../model/pod-health.ts";
import type { Trouble } from "../../model/pod-trouble.ts";
import type { Finding, Gate, RunningGate } from "./contract.ts";
import { describeTrouble, gravestFirst, troubleEvidence } from "./pod-evidence.ts";
import { createJudgement } from "./pods-judgement.ts";
import { createProgress, formatDuration } from "./progress.ts";
import { watchHealth, type WatchedRelease } from "./watch-health.ts";

// Time-outs of troubles are looked at this often; changes are seen at once.
const longestPause = 1_000;

/**
 * All pods of the release ready, of the newest revision, alone, and running the declared image, several times in a row. Fails as soon as
 * something cannot heal; "not ready yet" is no failure before the time-out (GIM is ready only after its first transformation job). While other
 * gates are judged it goes on watching: a pod that crashes during a window of minutes fails the service at once, and at the end all must be ready.
 */
export const judge: Gate<"pods"> = async (spec, context) => {
  const { kubernetes, service, startedAt, deadline } = context;
  const release = releaseOf(context);
  const done = new AbortController();
  const stop = AbortSignal.any([context.signal, done.signal]);
  const manifest = deployedManifest(kubernetes, release.namespace, release.helmRelease);
  // Awaited only when the first health is there; until then a rejection must not count as unhandled.
  manifest.catch(() => undefined);
  const progress = createProgress(context.say, `${service.name} ${spec.name}`, startedAt, deadline);
  const judgement = createJudgement(spec.passes, (spec.unschedulableGraceSeconds ?? 1) * 1000);
  let wake = () => {};
  const watching = watchHealth(
    kubernetes,
    release,
    (health) => {
      judgement.observe(health);
      wake();
    },
    stop,
  );
  watching.catch(() => undefined);
  const others = othersOf(context, () => wake());
  let complete = false;
  let readyAt: number | null = null;
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const { health } = judgement.latest;
      if (health !== null && !complete) {
        const missing = await absentWorkloads(await manifest, release, health);
        if (missing !== null) return missing;
        complete = true;
      }
      const step = judgement.next(Date.now());
      if (step.kind === "hopeless") return await hopeless(context, step.troubles);
      const ready = step.kind === "passed" && health !== null;
      if (ready) {
        readyAt ??= Date.now();
        context.onReady?.();
        if (others.ended) return passed(health, release, readyAt - startedAt);
      } else if (isOver(context)) {
        return await timedOut(context, health, readyAt);
      } else if (health !== null && readyAt === null) {
        progress(waitingFor(health));
      }
      const pause = ready ? longestPause : Math.min(step.againIn, deadline - Date.now(), longestPause);
      await pausing(pause, stop, [changed, watching]);
    }
  } finally {
    done.abort();
  }
};

function releaseOf({ service }: RunningGate): WatchedRelease {
  const { namespace, helmRelease, image } = service;
  return { namespace, helmRelease, imageTag: image?.tag ?? null };
}

/** Waits until one of the events, the pause (milliseconds) or the stop. */
async function pausing(milliseconds: number, stop: AbortSignal, events: readonly Promise<void>[]): Promise<void> {
  const pause = new AbortController();
  const timer = sleep(milliseconds, undefined, { signal: AbortSignal.any([pause.signal, stop]) });
  await Promise.race([...events, timer.catch(() => undefined)]);
  pause.abort();
}

/** Whether the other gates have ended or were stopped; `wake` is called when they do. */
function othersOf(context: RunningGate, wake: () => void): { ended: boolean } {
  const others = { ended: context.others === undefined };
  const end = () => {
    others.ended = true;
    wake();
  };
  void context.others?.then(end);
  // Stopped because another gate failed: that does not make these pods bad.
  context.signal.addEventListener("abort", end, { once: true });
  return others;
}

function isOver({ signal, deadline }: RunningGate): boolean {
  return signal.aborted || Date.now() >= deadline;
}

/** Workloads that Helm deployed and the cluster does not have; a release that never had any is skipped. Null: all are there. */
async function absentWorkloads(
  manifest: string | null,
  release: WatchedRelease,
  health: Health,
): Promise<Finding | null> {
  const missing = manifest === null ? [] : await missingWorkloads(manifest, release.namespace, health.workloads);
  if (missing.length > 0) {
    const evidence = missing.map((name) => `${name}: in Helm's manifest, not in the cluster`);
    return { verdict: "failed", summary: `${missing.join(", ")} missing in namespace ${release.namespace}`, evidence };
  }
  if (health.state !== "noWorkloads") return null;
  if (manifest !== null) return { verdict: "skipped", summary: "the release has no workloads", evidence: [] };
  const summary = `nothing of Helm release ${release.helmRelease} runs in namespace ${release.namespace}`;
  return {
    verdict: "failed",
    summary,
    evidence: ["no Deployment, StatefulSet or DaemonSet carries its label or Helm's annotation"],
  };
}

function passed(health: Health, release: WatchedRelease, milliseconds: number): Finding {
  const image = release.imageTag === null ? "" : ` run ${release.imageTag} and`;
  const count = health.pods.length;
  return {
    verdict: "passed",
    summary: `${count} ${count === 1 ? "pod" : "pods"}${image} ready after ${formatDuration(milliseconds)}`,
    evidence: [...health.workloads, ...health.pods.map((pod) => `pod ${pod.metadata.name}`)],
  };
}

async function hopeless(context: RunningGate, troubles: readonly Trouble[]): Promise<Finding> {
  const evidence = await troubleEvidence(context.kubernetes, context.service.namespace, troubles);
  const [first] = gravestFirst(troubles);
  return { verdict: "failed", summary: first === undefined ? "unhealthy" : describeTrouble(first), evidence };
}

async function timedOut(context: RunningGate, health: Health | null, readyAt: number | null): Promise<Finding> {
  const elapsed = formatDuration(Date.now() - context.startedAt);
  if (health === null) {
    return { verdict: "errored", summary: `the API server did not list the pods within ${elapsed}`, evidence: [] };
  }
  const evidence = await troubleEvidence(context.kubernetes, context.service.namespace, health.troubles);
  const when =
    readyAt === null
      ? `not ready within ${elapsed}`
      : `ready after ${formatDuration(readyAt - context.startedAt)}, but not any more after ${elapsed}`;
  return { verdict: "failed", summary: `${when}: ${waitingFor(health)}`, evidence };
}

function waitingFor(health: Health): string {
  const [first, ...more] = gravestFirst(health.troubles);
  if (first === undefined) return "confirming that all pods stay ready";
  return `${describeTrouble(first)}${more.length === 0 ? "" : ` (and ${more.length} more)`}`;
}
