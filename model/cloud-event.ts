import type { Verdict } from "./verdict.ts";

/** What people are told about while a stack is changed. */
export const eventKinds = ["started", "succeeded", "failed", "rolledBack", "paused", "announced"] as const;
export type EventKind = (typeof eventKinds)[number];

/** What an event says of the run. No secrets: it leaves the cluster. */
export interface EventData {
  /** Number of the run in the ledger; null: outside any run. */
  run: number | null;
  releaseSet: string;
  verdict: Verdict | null;
  /** One sentence. */
  summary: string;
  /** The next command to type; null: nothing to do. */
  next: string | null;
}

/** CloudEvents 1.0 in its JSON format. */
export interface CloudEvent {
  specversion: "1.0";
  /** Unique per source: a repeated delivery has the same. */
  id: string;
  source: string;
  type: `io.cutover.run.${EventKind}`;
  /** ISO 8601, UTC. */
  time: string;
  /** The stack. */
  subject: string;
  datacontenttype: "application/json";
  data: EventData;
}

/** Makes an event; `at` in milliseconds, UTC. */
export function cloudEvent(
  event: { kind: EventKind; stack: string; id: string; at: number },
  data: EventData,
): CloudEvent {
  const { kind, stack, id, at } = event;
  return {
    specversion: "1.0",
    id,
    source: `/cutover/${stack}`,
    type: `io.cutover.run.${kind}`,
    time: new Date(at).toISOString(),
    subject: stack,
    datacontenttype: "application/json",
    data,
  };
}

/** The kind of an event, as `cutover:notify` lists them. */
export function kindOf(event: CloudEvent): EventKind {
  return event.type.slice("io.cutover.run.".length) as EventKind;
}
