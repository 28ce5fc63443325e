import { knownBackups, wholePlatform, type KnownBackup } from "./backups.ts";
import { openIssues, type Issue } from "./issues.ts";
import { summarize, type OpenRun } from "./ledger-summary.ts";
import type { Entry, Page } from "./ledger.ts";
import type { OpenOperation } from "./operation.ts";
import { stoppedNodes, type StoppedNodes } from "./past-runs.ts";
import type { FindMissing } from "./rollback.ts";
import { serviceStatuses, type ServiceStatus, type WantedState } from "./service-status.ts";
import { releaseDistance, supportedSkew } from "./skew.ts";
import { letsPass, type Verdict } from "./verdict.ts";

export interface StatusInput {
  stack: string;
  /** Null when the stack file or its release set cannot be resolved. */
  wanted: WantedState | null;
  /** Release sets, oldest first. */
  releaseOrder: readonly string[];
  pages: readonly Page[];
  /** False: the platform has no N-2 rule. Default true. */
  limitedSkew?: boolean;
  /** Which services a release set does not have, such as Redpoint v6. */
  without?: FindMissing | undefined;
}

/** The step at which an open run stands. */
export interface FailedStep {
  service: string | null;
  step: string;
  verdict: Verdict;
  summary: string;
}

/** Everything that `cutover status` tells; plain data. Times are ISO 8601 in UTC. */
export interface StackStatus {
  stack: string;
  /** Release set that the stack file asks for; null when it cannot be resolved. */
  release: string | null;
  services: ServiceStatus[];
  /** Release sets that run side by side; empty when all services run one. */
  mixed: { releaseSet: string; services: string[] }[];
  /** The N-2 limit (null: the platform has none): how far the oldest running service may be behind the newest, and how far it is. */
  skew: { limit: number | null; behind: number | null; newestOnList: string | null; behindList: number | null };
  /** Of everything that belongs to no service; null: none. */
  platformBackup: KnownBackup | null;
  /** Nodes outside Kubernetes that are stopped for what runs now, or for a run that did not end; null: none. */
  stoppedNodes: StoppedNodes | null;
  hold: { reason: string; by: string | null; since: string } | null;
  operation: OpenOperation | null;
  openRun:
    (Pick<OpenRun, "number" | "releaseSet" | "tries"> & { failed: FailedStep | null; abandoned: boolean }) | null;
  openIssues: Issue[];
  lastVerification: Extract<Entry, { kind: "verification" }> | null;
  ledger: { pages: number; head: string };
  /** The command to type next; null when nothing waits. */
  next: string | null;
}

/** Decides what a stack's ledger says beside its stack file; pure. */
export function stackStatus(input: StatusInput): StackStatus {
  const { stack, wanted, releaseOrder, pages } = input;
  const summary = summarize(pages);
  const services = serviceStatuses(wanted, summary, pages, releaseOrder, input.without);
  const running = new Set(services.flatMap((service) => service.releaseSet ?? []));
  const oldest = releaseOrder.find((release) => running.has(release)) ?? null;
  const newestOnList = releaseOrder.at(-1) ?? null;
  const entries = [...pages].sort((a, b) => a.number - b.number).flatMap((page) => page.entries);
  const behind = services.flatMap((service) => service.behind ?? []);
  const status: Omit<StackStatus, "next"> = {
    stack,
    release: wanted?.release ?? null,
    services,
    mixed: running.size < 2 ? [] : mixedSets(services, releaseOrder),
    skew: {
      limit: input.limitedSkew === false ? null : supportedSkew,
      behind: behind.length === 0 ? null : Math.max(...behind),
      newestOnList,
      behindList: oldest === null || newestOnList === null ? null : releaseDistance(oldest, newestOnList, releaseOrder),
    },
    platformBackup: knownBackups(pages).find(({ service }) => service === wholePlatform) ?? null,
    stoppedNodes: stoppedNodes(pages),
    hold: holdOf(entries),
    operation: summary.operation,
    openRun: openRunOf(summary.openRun, wanted),
    openIssues: openIssues(pages),
    lastVerification: entries.findLast((entry) => entry.kind === "verification") ?? null,
    ledger: { pages: pages.length, head: summary.head },
  };
  return { ...status, next: nextCommand(status) };
}

function mixedSets(services: readonly ServiceStatus[], releaseOrder: readonly string[]): StackStatus["mixed"] {
  const sets = [...new Set(services.flatMap((service) => service.releaseSet ?? []))];
  return sets
    .sort((a, b) => releaseOrder.indexOf(a) - releaseOrder.indexOf(b))
    .map((releaseSet) => ({
      releaseSet,
      services: services.filter((service) => service.releaseSet === releaseSet).map((service) => service.name),
    }));
}

function holdOf(entries: readonly Entry[]): StackStatus["hold"] {
  const last = entries.findLast((entry) => entry.kind === "hold" || entry.kind === "unhold");
  return last?.kind === "hold" ? { reason: last.reason, by: last.by ?? null, since: last.at } : null;
}

function openRunOf(run: OpenRun | null, wanted: WantedState | null): StackStatus["openRun"] {
  if (run === null) return null;
  const { number, releaseSet, tries, receipts, targetDigest } = run;
  const stopped = receipts
    .filter((receipt) => receipt.attempt === `${number}.${tries}`)
    .findLast((receipt) => !letsPass(receipt.verdict));
  const { service = null, step = "", verdict = "notRun", summary = "" } = stopped ?? {};
  return {
    ...{ number, releaseSet, tries },
    failed: stopped === undefined ? null : { service, step, verdict, summary },
    abandoned: wanted !== null && wanted.targetDigest !== targetDigest,
  };
}

function nextCommand(status: Omit<StackStatus, "next">): string | null {
  const { stack, operation, hold, openRun } = status;
  if (operation !== null) return `cutover ${operation.operation} ${stack}`;
  if (hold !== null) return `cutover unhold ${stack} --reason "..."`;
  if (openRun !== null) return openRun.failed === null ? `cutover recover ${stack}` : `cutover upgrade ${stack}`;
  return status.services.some((service) => service.pending !== null) ? `cutover plan ${stack}` : null;
}
