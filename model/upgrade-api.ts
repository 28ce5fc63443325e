import { sha256 } from "./ledger.ts";
import { scrubConnectionText } from "./scrub.ts";

/**
 * What `/api/deployment/status` says, and what the upgrade call answers (facts/domain.md A2). The full list of values of
 * `Status` is not published: `LastRunComplete` and `LastRunFailed` are known, everything else counts as "not ended".
 */
export interface UpgradeStatus {
  status: string;
  /** As the API writes them, oldest first, `[time] text` where it gives a time. May hold secrets: scrub before showing. */
  messages: string[];
}

/** What the status was before the call, fit for the ledger: no text of the API in it. */
export interface UpgradeSnapshot {
  status: string;
  count: number;
  /** Hex sha256 over all messages. */
  digest: string;
}

/** Where the API stands with the one call that was made. `messages` are those of that call, without secrets. */
export type UpgradeJudgement =
  /** Nothing of our call shows: the status is the one of before, or empty. */
  | { state: "notOurs"; messages: string[] }
  | { state: "running"; messages: string[] }
  | { state: "done"; messages: string[]; from: string; to: string }
  /** `reason`: what is wrong, in plain words. */
  | { state: "failed"; messages: string[]; reason: string };

/** The versions that the upgrade must report. `from` may be a shorter form: 6.7 means 6.7.24250 too. */
export interface WantedVersions {
  from: string;
  to: string;
}

/**
 * Reads a body that is JSON, or text/plain with JSON in it, or a JSON text that holds JSON. Null: it is none of these. Keys are
 * found whatever their case.
 */
export function parseUpgradeStatus(body: string): UpgradeStatus | null {
  let value: unknown = body.replace(/^\uFEFF/, "").trim();
  for (let depth = 0; depth < 2 && typeof value === "string"; depth += 1) {
    try {
      value = JSON.parse(value);
    } catch {
      return null;
    }
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const fields = new Map(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner as unknown]));
  const status = fields.get("status");
  const messages = fields.get("messages");
  if (typeof status !== "string") return null;
  return { status, messages: Array.isArray(messages) ? messages.filter((line) => typeof line === "string") : [] };
}

export function snapshotOf({ status, messages }: UpgradeStatus): UpgradeSnapshot {
  return { status, count: messages.length, digest: digestOf(messages) };
}

/**
 * The messages that came after the snapshot: an API that goes on with its list has them behind the old ones, one that begins anew
 * has only them. A list that is still the old one holds none.
 */
export function newMessages(before: UpgradeSnapshot, now: readonly string[]): string[] {
  const continued = now.length >= before.count && digestOf(now.slice(0, before.count)) === before.digest;
  return continued ? now.slice(before.count) : [...now];
}

/**
 * Judges what the API says against what it said before the call: an old `LastRunComplete` is not ours. The clock of this machine
 * is not asked, since the API's may differ.
 */
export function judgeUpgrade(before: UpgradeSnapshot, now: UpgradeStatus, wanted: WantedVersions): UpgradeJudgement {
  const own = newMessages(before, now.messages);
  const messages = own.map(scrubConnectionText);
  // A failure before the first message has nothing but the status to show itself.
  const fails = /^LastRunFailed$/i.test(now.status) && (own.length > 0 || now.status !== before.status);
  if (fails) return { state: "failed", messages, reason: `the API reports ${now.status}` };
  if (own.length === 0) return { state: "notOurs", messages };
  const complete = own.some((line) => /^upgrade complete\b/i.test(textOf(line)));
  if (!/^LastRunComplete$/i.test(now.status) || !complete) return { state: "running", messages };
  return judgeVersions(own, messages, wanted);
}

function judgeVersions(own: readonly string[], messages: string[], wanted: WantedVersions): UpgradeJudgement {
  const from = versionAfter(own, /^version before upgrade:?\s+(\S+)/i);
  const to = versionAfter(own, /^upgrading to version:?\s+(\S+)/i);
  const problems = [
    ...(from !== null && isVersion(from, wanted.from)
      ? []
      : [`from ${from ?? "a version it does not name"}, not ${wanted.from}`]),
    ...(to !== null && isVersion(to, wanted.to) ? [] : [`to ${to ?? "a version it does not name"}, not ${wanted.to}`]),
  ];
  if (from !== null && to !== null && problems.length === 0) return { state: "done", messages, from, to };
  return { state: "failed", messages, reason: `the API says that it upgraded ${problems.join(" and ")}` };
}

/** True when messages show an upgrade that began and has not ended: nobody may call beside it. */
export function isUnderWay({ status, messages }: UpgradeStatus): boolean {
  return (
    messages.length > 0 &&
    !/^LastRun/i.test(status) &&
    !messages.some((line) => /^upgrade complete\b/i.test(textOf(line)))
  );
}

/** True when `found` is the wanted version or a more precise form of it. */
export function isVersion(found: string, wanted: string): boolean {
  return found === wanted || found.startsWith(`${wanted}.`);
}

function versionAfter(lines: readonly string[], pattern: RegExp): string | null {
  for (const line of [...lines].reverse()) {
    const version = pattern.exec(textOf(line))?.[1];
    if (version !== undefined) return version.replace(/[.,;]+$/, "");
  }
  return null;
}

/** The message without its time. */
function textOf(line: string): string {
  return line.replace(/^\s*\[[^\]]*\]\s*/, "").trim();
}

function digestOf(lines: readonly string[]): string {
  return sha256(JSON.stringify(lines));
}
