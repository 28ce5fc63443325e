import { setTimeout as sleep } from "node:timers/promises";
import type { Kubernetes, KubernetesObject } from "../../clients/contracts.ts";
import { events } from "../../clients/kubernetes-kinds.ts";
import type { Trouble } from "../../model/pod-trouble.ts";

const logLines = 5;
const mostPods = 3;
// The verdict must not wait long for a node that does not answer.
const patience = 600;

/** One line for a person: object, container, reason, message. */
export function describeTrouble(trouble: Trouble): string {
  const container = trouble.container === undefined ? "" : `, container ${trouble.container}`;
  return `${trouble.object}${container}: ${trouble.reason}: ${trouble.message.trim() || "no message"}`;
}

/** The troubles that say most first: what cannot heal, then what concerns a single pod. */
export function gravestFirst(troubles: readonly Trouble[]): Trouble[] {
  const weight = (trouble: Trouble) => Number(trouble.hopeless) * 2 + Number(trouble.pod !== undefined);
  return [...troubles].sort((a, b) => weight(b) - weight(a));
}

/** The troubles, hopeless ones first, with the last log lines and warning events of the pods concerned. Takes at most 0.6 s. */
export async function troubleEvidence(
  kubernetes: Kubernetes,
  namespace: string,
  troubles: readonly Trouble[],
): Promise<string[]> {
  const ordered = gravestFirst(troubles);
  const told = ordered.filter((trouble) => trouble.pod !== undefined).slice(0, mostPods);
  const [logs, warnings] = await Promise.all([
    Promise.all(told.map((trouble) => within(lastLog(kubernetes, namespace, trouble)))),
    within(warningEvents(kubernetes, namespace, ordered)),
  ]);
  return [...ordered.slice(0, 10).map(describeTrouble), ...logs.flat(), ...warnings];
}

async function lastLog(kubernetes: Kubernetes, namespace: string, trouble: Trouble): Promise<string[]> {
  const { pod, container } = trouble;
  if (pod === undefined || container === undefined || /Image|Config/.test(trouble.reason)) return [];
  // What the crashed instance said counts; the new one may not have begun to speak.
  const [before, present] = await Promise.all([
    kubernetes.logTail(namespace, pod, container, logLines, true).catch(() => []),
    kubernetes.logTail(namespace, pod, container, logLines).catch(() => []),
  ]);
  const lines = before.length > 0 ? before : present;
  return lines.map((line) => `log of ${pod}/${container}: ${line}`);
}

async function warningEvents(
  kubernetes: Kubernetes,
  namespace: string,
  troubles: readonly Trouble[],
): Promise<string[]> {
  const concerned = new Set(troubles.map((trouble) => trouble.object.split(" ")[1]));
  const all = await kubernetes.list(events, namespace, { fieldSelector: "type=Warning" });
  const texts = all.map(eventOf).filter((event) => concerned.has(event.name));
  return [...new Set(texts.map((event) => `event on ${event.name}: ${event.reason}: ${event.message}`))].slice(-5);
}

function eventOf(event: KubernetesObject): { name: string; reason: string; message: string } {
  // Events have their fields at the top level, beside metadata.
  const fields = event as unknown as { involvedObject?: { name?: string }; reason?: string; message?: string };
  return { name: fields.involvedObject?.name ?? "", reason: fields.reason ?? "", message: fields.message ?? "" };
}

async function within(work: Promise<string[]>): Promise<string[]> {
  const waiting = new AbortController();
  const nothing = sleep(patience, [] as string[], { signal: waiting.signal }).catch(() => []);
  try {
    return await Promise.race([work.catch(() => []), nothing]);
  } finally {
    waiting.abort();
  }
}
