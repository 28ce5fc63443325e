import type { Entry, Page } from "./ledger.ts";

/** Something that happened on a stack besides the steps of its runs. */
export interface LedgerEvent {
  /** ISO 8601, UTC. */
  at: string;
  page: number;
  kind: Entry["kind"];
  /** One line for people. */
  text: string;
}

/** All events, newest first: holds, approvals, overrides, recoveries and so on. */
export function eventsOf(pages: readonly Page[]): LedgerEvent[] {
  const events = [...pages]
    .sort((a, b) => a.number - b.number)
    .flatMap((page) =>
      page.entries.flatMap((entry): LedgerEvent[] => {
        const text = eventText(entry);
        return text === null ? [] : [{ at: entry.at, page: page.number, kind: entry.kind, text }];
      }),
    );
  return events.reverse();
}

/** One line for an entry; null for those that belong to a run: attempts, receipts, the end. */
export function eventText(entry: Entry): string | null {
  switch (entry.kind) {
    case "attempt":
    case "receipt":
    case "closed":
      return null;
    case "hold":
      return `on hold: ${entry.reason}${by(entry.by)}`;
    case "unhold":
      return `hold lifted: ${entry.reason}${by(entry.by)}`;
    case "override":
      return `preflight check ${entry.check} overridden in attempt ${entry.attempt}: ${entry.reason}`;
    case "operation": {
      const targets = entry.targets.map((target) => `${target.service} ${target.releaseSet}`).join(", ");
      return `${entry.operation} ${entry.id} begun (${targets}): ${entry.reason}${by(entry.by)}`;
    }
    case "operationEnded":
      return `${entry.id} ended ${entry.verdict}: ${entry.reason}`;
    case "removed":
      return `${entry.service} removed (Helm release ${entry.namespace}/${entry.helmRelease})`;
    default:
      return recordText(entry);
  }
}

type Told = Exclude<Entry, { kind: "attempt" | "receipt" | "closed" }>;

function recordText(entry: Told): string {
  switch (entry.kind) {
    case "approval":
      return `${entry.releaseSet} approved as ${entry.role}${by(entry.by.username)}`;
    case "announcement":
      return `${entry.releaseSet} announced for ${entry.starts} to ${entry.ends}: ${entry.text}${by(entry.by)}`;
    case "issue":
      return `${entry.id} ${entry.state}, ${entry.severity}: ${entry.text}${ending(entry)}${by(entry.by)}`;
    case "promotion":
      return `${entry.proof.releaseSet} promoted from ${entry.from}, where run ${entry.proof.run} verified it${by(entry.by)}`;
    case "baseline":
      return `baseline of ${Object.keys(entry.figures).length} figure(s) taken`;
    case "verification": {
      const bad = entry.results.filter((result) => result.verdict !== "passed").map((result) => result.service);
      return `verification ${entry.verdict}${bad.length === 0 ? "" : `: ${bad.join(", ")}`}${by(entry.by)}`;
    }
    case "rehearsal":
      return `rehearsal of ${entry.releaseSet} ${entry.verdict} after ${entry.seconds} s`;
    case "acknowledgement":
      return `${entry.note} acknowledged${entry.reason === undefined ? "" : `: ${entry.reason}`}${by(entry.by)}`;
    case "adopted":
      return `${entry.service} adopted: Helm revision ${entry.revision} is ${entry.releaseSet}${by(entry.by)}`;
    case "attestation":
      return `${entry.tenant}: ${entry.setting} attested as ${entry.value}${by(entry.by.username)}`;
    default:
      return workText(entry);
  }
}

/** What was done to the stack, apart from what people said. */
function workText(entry: Told): string {
  switch (entry.kind) {
    case "recovery":
      return `recovered: ${entry.actions.join("; ")}`;
    case "backup":
      return `backup ${entry.backupId} of ${entry.service} taken${by(entry.by)}`;
    case "restore":
      return `${entry.id} of ${entry.service} from ${entry.backupId}: ${entry.phase}${by(entry.by)}`;
    case "platformRestore":
      return `${entry.id}, all databases from ${entry.backupId}: ${entry.phase}${by(entry.by)}`;
    case "note":
      return entry.text;
    case "upgradeCall":
      return `${entry.id} ${entry.phase}${entry.detail === undefined ? "" : `: ${entry.detail}`}`;
    default:
      return entry.kind;
  }
}

function by(who: string | undefined): string {
  return who === undefined ? "" : ` (by ${who})`;
}

function ending(issue: Extract<Entry, { kind: "issue" }>): string {
  const parts = [
    ...(issue.resolution === null ? [] : [`resolution: ${issue.resolution}`]),
    ...(issue.remedy === null ? [] : [`remedy: ${issue.remedy}`]),
  ];
  return parts.length === 0 ? "" : `; ${parts.join("; ")}`;
}
