import type { Page } from "./ledger.ts";
import { runsOf, type PastRun } from "./past-runs.ts";
import { summarize, type LedgerSummary } from "./ledger-summary.ts";
import { migratedAt } from "./migrated.ts";

/** What a rollback is asked for. */
export interface RollbackRequest {
  /** `service`: what the last run did not finish; `run`: all that it changed. */
  scope: "service" | "run";
  /** Only this service. */
  service?: string | undefined;
  /** Back to what stood verified after this run. */
  toRun?: number | undefined;
  /**
   * The services that the release set before does not have: they go back by being removed, such as those of Redpoint v7 when v6 comes
   * back. `before` null: no run tells it, so that the one in front of `releaseSet` in the list counts. Null: it has them all.
   */
  without?: FindMissing | undefined;
  /** Services that an upgrade API migrates. */
  called?: ReadonlySet<string> | undefined;
  /** All pages, where the rollback is planned from those before it began: databases may have been restored since. Default: the same. */
  history?: readonly Page[] | undefined;
}

export type FindMissing = (before: string | null, releaseSet: string) => MissingServices | null;

/** A release set and the services that it does not have. */
export interface MissingServices {
  releaseSet: string;
  services: ReadonlySet<string>;
}

/** One service that goes back. */
export interface RollbackTarget {
  service: string;
  /** What runs now, as far as the ledger knows. */
  from: string;
  to: string;
  /** The digest that was verified then; empty where `to` does not have the service. */
  digest: string;
  /** It goes back by being removed. */
  removed: boolean;
  /** When the first migration began that is not part of `to` and that its databases still show; ISO 8601, UTC. Null: there is none. */
  migratedAt: string | null;
}

export interface RollbackPlan {
  /** The run that is answered. */
  run: number;
  /** Reverse of the upgrade order. */
  targets: RollbackTarget[];
  /** Where every service stands before it, the targets included. */
  standing: Map<string, string>;
  /** What `cutover:release` becomes. */
  release: string;
}

/** Why there is no rollback. */
export interface NoRollback {
  reason: "nothingRan" | "nothingChanged" | "isRollback" | "noWayBack" | "unknownRun" | "unknownService";
  detail: string;
}

/**
 * Decides what goes back to what (design.md 6): to the last verified release set, in reverse order, never a rollback of a rollback.
 * `order`: all services in upgrade order. Pure.
 */
export function planRollback(
  pages: readonly Page[],
  order: readonly string[],
  request: RollbackRequest,
): RollbackPlan | NoRollback {
  const runs = runsOf(pages);
  // A run that preflight refused has changed nothing: it is not what a rollback answers.
  const run = runs.findLast((one) => one.receipts.some((receipt) => receipt.service !== null));
  if (run === undefined) return { reason: "nothingRan", detail: "no run of this stack has changed anything" };
  const refused = refusal(run, order, request);
  if (refused !== null) return refused;
  const now = summarize(pages);
  const without = request.without?.(releaseSetBefore(runs, run, request.toRun), run.releaseSet) ?? null;
  const standing = standingAfter(now, run, order, without);
  const back = stateToGoTo(pages, run, request);
  if (back === null) return { reason: "unknownRun", detail: `there is no run ${request.toRun ?? ""}` };
  const lacks = (service: string) => without?.services.has(service) === true && !back.lastVerified.has(service);
  const wanted = wantedServices({ run, now, back, order, request, standing, lacks });
  if (wanted.length === 0) return { reason: "nothingChanged", detail: `run ${run.number} left nothing to take back` };
  const targets: RollbackTarget[] = [];
  for (const service of [...wanted].reverse()) {
    const verified = isAlone(request)
      ? previousOf(pages, service, standing.get(service))
      : back.lastVerified.get(service);
    const lacking = without !== null && lacks(service) ? { releaseSet: without.releaseSet, digest: "" } : null;
    const goal = verified ?? lacking;
    if (goal === null) {
      return {
        reason: "noWayBack",
        detail: `${service} was not verified at anything else before: there is nothing to go back to`,
      };
    }
    const from = standing.get(service) ?? run.releaseSet;
    const { releaseSet: to, digest } = goal;
    const shown = shownMigration(request.history ?? pages, service, { verified, run, request });
    targets.push({ service, from, to, digest, removed: verified === undefined, migratedAt: shown });
  }
  return { run: run.number, targets, standing, release: releaseOf(back, run, standing, targets) };
}

const isAlone = ({ service, toRun }: RollbackRequest): boolean => service !== undefined && toRun === undefined;

function shownMigration(
  pages: readonly Page[],
  service: string,
  { verified, run, request }: { verified: Goal | undefined; run: PastRun; request: RollbackRequest },
): string | null {
  const byCall = request.called?.has(service) === true;
  return migratedAt(pages, service, { afterRun: runOf(verified, run), byCall });
}

function refusal(run: PastRun, order: readonly string[], request: RollbackRequest): NoRollback | null {
  const { service, toRun } = request;
  if (run.operation === "rollback" && service === undefined && toRun === undefined) {
    return { reason: "isRollback", detail: `run ${run.number} was a rollback itself; a rollback is never rolled back` };
  }
  if (service === undefined || order.includes(service)) return null;
  return { reason: "unknownService", detail: `there is no service ${service}; services: ${order.join(", ")}` };
}

/**
 * What a service was verified at before it first came to where it stands: what a rollback left behind is never "before". Undefined: nothing.
 */
function previousOf(pages: readonly Page[], service: string, standing: string | undefined): Goal | undefined {
  const verified = [...pages]
    .sort((a, b) => a.number - b.number)
    .flatMap((page) => page.entries)
    .flatMap((entry) => {
      if (entry.kind !== "receipt" || entry.digest === null) return [];
      const { service: of, step, verdict, attempt } = entry.receipt;
      return of === service && step === "verify" && verdict === "passed"
        ? [{ releaseSet: entry.releaseSet, digest: entry.digest, attempt }]
        : [];
    });
  const first = verified.findIndex(({ releaseSet }) => releaseSet === standing);
  return first < 0 ? verified.at(-1) : verified[first - 1];
}

/** What a service goes back to, and the attempt in which it was verified there. */
interface Goal {
  releaseSet: string;
  digest: string;
  attempt: string;
}

/** The run in which that was verified; 0: never. Where the ledger names no run, only the answered one counts as later. */
function runOf(verified: Goal | undefined, answered: PastRun): number {
  if (verified === undefined) return 0;
  const run = Number(verified.attempt.split(".")[0]);
  return Number.isInteger(run) ? run : answered.number - 1;
}

/** The release set of the last run that this one came after; with `toRun` of that run itself. */
function releaseSetBefore(runs: readonly PastRun[], run: PastRun, toRun: number | undefined): string | null {
  if (toRun !== undefined) return runs.find(({ number }) => number === toRun)?.releaseSet ?? null;
  const before = runs.filter(({ number, releaseSet }) => number < run.number && releaseSet !== run.releaseSet);
  return before.at(-1)?.releaseSet ?? null;
}

/** Where each service stands: at the run's target once the run has reached it, else where it was last verified. */
function standingAfter(
  now: LedgerSummary,
  run: PastRun,
  order: readonly string[],
  without: MissingServices | null,
): Map<string, string> {
  const reached = new Set(run.receipts.map((receipt) => receipt.service));
  const aimed = new Map(run.targets.map((target) => [target.service, target.releaseSet]));
  return new Map(
    order.flatMap((service): [string, string][] => {
      const set = reached.has(service)
        ? (now.verified.get(service)?.releaseSet ?? aimed.get(service))
        : (now.lastVerified.get(service)?.releaseSet ?? undefined);
      const absent = without?.services.has(service) === true ? without.releaseSet : "absent";
      return [[service, set ?? absent]];
    }),
  );
}

function stateToGoTo(pages: readonly Page[], run: PastRun, request: RollbackRequest): LedgerSummary | null {
  if (request.toRun === undefined) return summarize(pages.filter((page) => page.number < run.number));
  if (!pages.some((page) => page.number === request.toRun)) return null;
  const limit = request.toRun;
  return summarize(pages.filter((page) => page.number <= limit));
}

function wantedServices(question: {
  run: PastRun;
  now: LedgerSummary;
  back: LedgerSummary;
  order: readonly string[];
  request: RollbackRequest;
  standing: ReadonlyMap<string, string>;
  lacks: (service: string) => boolean;
}): string[] {
  const { run, now, back, order, request, standing, lacks } = question;
  if (request.service !== undefined) return [request.service];
  const touched = order.filter((service) => run.receipts.some((receipt) => receipt.service === service));
  if (request.toRun !== undefined) {
    const differs = (service: string) => back.lastVerified.get(service)?.releaseSet !== standing.get(service);
    const present = (service: string) => now.lastVerified.has(service) || touched.includes(service);
    return order.filter((service) =>
      lacks(service) ? present(service) : back.lastVerified.has(service) && differs(service),
    );
  }
  const unfinished = touched.filter(
    (service) => now.verified.get(service)?.attempt.split(".")[0] !== String(run.number),
  );
  // A run that passed has nothing unfinished: then all of it is meant.
  if (request.scope !== "service" || unfinished.length === 0) return touched;
  // What a platform runs without comes back whole or not at all: v6 does not run beside a part of v7.
  const goes = new Set(unfinished.some(lacks) ? [...unfinished, ...touched.filter(lacks)] : unfinished);
  return order.filter((service) => goes.has(service));
}

/** Services that the rollback leaves in the cluster, with the release set of each. */
export function standingAfterwards({
  standing,
  targets,
}: Pick<RollbackPlan, "standing" | "targets">): Map<string, string> {
  const removed = new Map(targets.flatMap((target) => (target.removed ? [[target.service, target.to]] : [])));
  const without = new Set(["absent", ...removed.values()]);
  return new Map([...standing].filter(([service, set]) => !removed.has(service) && !without.has(set)));
}

/** The release set of the state that is gone back to; where services stay ahead they are pinned. */
function releaseOf(
  back: LedgerSummary,
  run: PastRun,
  standing: ReadonlyMap<string, string>,
  targets: readonly RollbackTarget[],
): string {
  const after = new Map(standing);
  for (const target of targets) after.set(target.service, target.to);
  const counts = new Map<string, number>();
  for (const set of after.values()) if (set !== "absent") counts.set(set, (counts.get(set) ?? 0) + 1);
  // Never the one that failed, unless nothing else is left.
  const others = [...counts].filter(([set]) => set !== run.releaseSet).sort((a, b) => b[1] - a[1]);
  return others[0]?.[0] ?? targets[0]?.to ?? [...back.lastVerified.values()][0]?.releaseSet ?? run.releaseSet;
}
