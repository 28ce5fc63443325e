import { setTimeout as sleep } from "node:timers/promises";
import { deployedManifest, missingWorkloads } from "../../clients/helm-manifest.ts";
import type { Health } from "../../model/pod-health.ts";
import type { Trouble } from "../../model/pod-trouble.ts";
import type { Finding, Gate, RunningGate } from "./contract.ts";
import { describeTrouble, gravestFirst, troubleEvidence } from "./pod-evidence.ts";
import { createProgress, formatDuration } from "./progress.ts";
import { watchHealth, type WatchedRelease } from "./watch-health.ts";

// A pod that flaps right after becoming ready must not pass. Every change comes as an event and resets the count, so a second look at an
// unchanged state this much later proves that nothing happened in between; it is not polling.
const millisecondsBetweenPasses = 100;

/**
 * All pods of the release ready, of the newest revision, alone, and running the declared image, several times in a row. Fails as soon as
 * something cannot heal; "not ready yet" is no failure before the time-out (GIM is ready only after its first transformation job).
 */
export const judge: Gate<"pods"> = async (spec, context) => {
  const { kubernetes, service, startedAt, deadline } = context;
  const release = {
    namespace: service.namespace,
    helmRelease: service.helmRelease,
    imageTag: service.image?.tag ?? null,
  };
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
  let complete = false;
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const { latest } = judgement;
      if (latest.health !== null && !complete) {
        const missing = await absentWorkloads(await manifest, release, latest.health);
        if (missing !== null) return missing;
        complete = true;
      }
      const step = judgement.next(Date.now());
      if (step.kind === "passed" && latest.health !== null) return passed(latest.health, release, startedAt);
      if (step.kind === "hopeless") return await hopeless(context, step.troubles);
      if (Date.now() >= deadline || context.signal.aborted) return await timedOut(context, latest.health);
      if (latest.health !== null) progress(waitingFor(latest.health));
      const pause = new AbortController();
      const timer = sleep(Math.min(step.againIn, deadline - Date.now(), 1_000), undefined, {
        signal: AbortSignal.any([pause.signal, stop]),
      });
      await Promise.race([changed, watching, timer.catch(() => undefined)]);
      pause.abort();
    }
  } finally {
    done.abort();
  }
};

type Next = { kind: "wait" | "passed"; againIn: number } | { kind: "hopeless"; troubles: Trouble[] };

/** Counts passes and how long each hopeless trouble has lasted. */
function createJudgement(passesWanted: number, unschedulableGrace: number) {
  const latest: { health: Health | null } = { health: null };
  const firstSeen = new Map<string, number>();
  let passes = 0;
  let lastPass = -Infinity;
  const graceOf = (trouble: Trouble) =>
    trouble.reason === "Unschedulable" ? unschedulableGrace : trouble.graceMilliseconds;
  return {
    latest,
    observe(health: Health): void {
      latest.health = health;
      if (health.state !== "healthy") passes = 0;
      const keys = new Set(health.troubles.map((trouble) => trouble.key));
      for (const key of firstSeen.keys()) if (!keys.has(key)) firstSeen.delete(key);
      for (const key of keys) if (!firstSeen.has(key)) firstSeen.set(key, Date.now());
    },
    next(now: number): Next {
      const { health } = latest;
      if (health === null) return { kind: "wait", againIn: Infinity };
      if (health.state === "healthy") {
        if (now - lastPass >= millisecondsBetweenPasses || passes === 0) {
          passes += 1;
          lastPass = now;
        }
        if (passes >= passesWanted) return { kind: "passed", againIn: 0 };
        return { kind: "wait", againIn: Math.max(1, lastPass + millisecondsBetweenPasses - now) };
      }
      const left = (trouble: Trouble) => (firstSeen.get(trouble.key) ?? now) + graceOf(trouble) - now;
      const hopelessOnes = health.troubles.filter((trouble) => trouble.hopeless);
      if (hopelessOnes.some((trouble) => left(trouble) <= 0)) return { kind: "hopeless", troubles: health.troubles };
      return { kind: "wait", againIn: Math.min(Infinity, ...hopelessOnes.map(left)) };
    },
  };
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

function passed(health: Health, release: WatchedRelease, startedAt: number): Finding {
  const image = release.imageTag === null ? "" : ` run ${release.imageTag} and`;
  const count = health.pods.length;
  return {
    verdict: "passed",
    summary: `${count} ${count === 1 ? "pod" : "pods"}${image} ready after ${formatDuration(Date.now() - startedAt)}`,
    evidence: [...health.workloads, ...health.pods.map((pod) => `pod ${pod.metadata.name}`)],
  };
}

async function hopeless(context: RunningGate, troubles: readonly Trouble[]): Promise<Finding> {
  const evidence = await troubleEvidence(context.kubernetes, context.service.namespace, troubles);
  const [first] = gravestFirst(troubles);
  return { verdict: "failed", summary: first === undefined ? "unhealthy" : describeTrouble(first), evidence };
}

async function timedOut(context: RunningGate, health: Health | null): Promise<Finding> {
  const elapsed = formatDuration(Date.now() - context.startedAt);
  if (health === null) {
    return { verdict: "errored", summary: `the API server did not list the pods within ${elapsed}`, evidence: [] };
  }
  const evidence = await troubleEvidence(context.kubernetes, context.service.namespace, health.troubles);
  return { verdict: "failed", summary: `not ready within ${elapsed}: ${waitingFor(health)}`, evidence };
}

function waitingFor(health: Health): string {
  const [first, ...more] = gravestFirst(health.troubles);
  if (first === undefined) return "confirming that all pods stay ready";
  return `${describeTrouble(first)}${more.length === 0 ? "" : ` (and ${more.length} more)`}`;
}
