import type { Entry, Page } from "./ledger.ts";
import type { UpgradeSnapshot } from "./upgrade-api.ts";

/**
 * What is known of a call that may be made only once. `begun` is recorded before its first byte: from then on it counts as made,
 * unless `notSent` proves that no byte left. `sent`: all bytes left. `refused`: the API answered that it does not do it (3xx, 401,
 * 403, 404, 405). `done` and `failed` are its end.
 */
export type CallPhase = "begun" | "sent" | "notSent" | "refused" | "done" | "failed";

/** The entry of one phase; all of a call have its id. */
export interface CallEntry {
  kind: "upgradeCall";
  /** Also what a person acknowledges to let it be made again. */
  id: string;
  service: string;
  run: number;
  phase: CallPhase;
  /** Versions that the release set names. */
  from: string;
  to: string;
  before: UpgradeSnapshot;
  /** Pod that was called; null: by a public address. */
  pod: string | null;
  detail?: string;
}

/** A call as the ledger has it, at its last recorded phase. */
export interface RecordedCall extends Omit<CallEntry, "kind"> {
  /** When it began; ISO 8601, UTC. */
  at: string;
  /** The databases were restored or cloned anew since: what the call did to them is gone. */
  undone: boolean;
}

/** All calls of a service, oldest first. */
export function callsOf(pages: readonly Page[], service: string): RecordedCall[] {
  const calls = new Map<string, RecordedCall>();
  for (const page of [...pages].sort((a, b) => a.number - b.number)) {
    for (const entry of page.entries) {
      if (entry.kind === "upgradeCall" && entry.service === service) {
        const { at, id, run, phase, from, to, before, pod, detail } = entry;
        const known = calls.get(id) ?? { at, undone: false };
        const more = detail === undefined ? {} : { detail };
        calls.set(id, { ...known, id, service, run, phase, from, to, before, pod, ...more });
      } else if (replacesDatabases(entry)) {
        for (const call of calls.values()) call.undone = true;
      }
    }
  }
  return [...calls.values()];
}

/** Whether the databases are others from here on, so that what was said of the old ones no longer stands. */
export function replacesDatabases(entry: Entry): boolean {
  if (entry.kind === "platformRestore") return entry.phase === "ended";
  if (entry.kind === "restore") return entry.phase === "swapped" || entry.phase === "ended";
  if (entry.kind !== "receipt") return false;
  const { step, verdict, reused } = entry.receipt;
  return step === "clone" && verdict === "passed" && reused !== true;
}

/** Whether the call may be made. */
export type CallDecision =
  | { do: "nothing"; why: string }
  | { do: "reuse"; call: RecordedCall }
  /** It may have been made: only its status is asked for. `mayRepeat`: a person let it be made again if it never arrived. */
  | { do: "follow"; call: RecordedCall; mayRepeat: boolean }
  /** It failed, and only a person can say that the cause is removed. */
  | { do: "ask"; call: RecordedCall }
  | { do: "call"; id: string };

export interface CallQuestion {
  service: string;
  run: number;
  calls: readonly RecordedCall[];
  versions: { from: string; to: string };
  /** The run takes a platform back: its databases are those that the older version had. */
  rollback: boolean;
  acknowledged: ReadonlySet<string>;
}

/** Decides from the ledger alone. A call whose end is not known is never simply made again. */
export function decideCall(question: CallQuestion): CallDecision {
  const { service, run, calls, versions, rollback, acknowledged } = question;
  if (rollback) return { do: "nothing", why: "a rollback never calls the upgrade API" };
  if (versions.from === versions.to) {
    return { do: "nothing", why: `the release set leaves the databases at version ${versions.to}` };
  }
  const last = calls.at(-1);
  const call = { do: "call", id: nextCallId(service, run, calls) } as const;
  if (last === undefined || last.undone) return call;
  switch (last.phase) {
    case "notSent":
    case "refused":
      return call;
    case "done":
      return last.to === versions.to ? { do: "reuse", call: last } : call;
    case "failed":
      return acknowledged.has(last.id) ? call : { do: "ask", call: last };
    case "begun":
    case "sent":
      return { do: "follow", call: last, mayRepeat: acknowledged.has(last.id) };
  }
}

/** `<service>-upgrade-call-<run>`, then `-2` and so on for later ones of the same run. */
export function nextCallId(service: string, run: number, calls: readonly RecordedCall[]): string {
  const earlier = calls.filter((call) => call.run === run).length;
  const name = `${service}-upgrade-call-${run}`;
  return earlier === 0 ? name : `${name}-${earlier + 1}`;
}

/** Calls that a person may let be made again: their end is unknown, or they failed. */
export function openCallQuestions(pages: readonly Page[]): RecordedCall[] {
  const services = new Set(
    pages.flatMap((page) => page.entries.flatMap((entry) => (entry.kind === "upgradeCall" ? [entry.service] : []))),
  );
  return [...services].flatMap((service) => {
    const last = callsOf(pages, service).at(-1);
    return last !== undefined && !last.undone && ["begun", "sent", "failed"].includes(last.phase) ? [last] : [];
  });
}
