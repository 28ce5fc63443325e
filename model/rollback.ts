import type { Page, ServiceTarget } from "./ledger.ts";
import { summarize, type LedgerSummary } from "./ledger-summary.ts";
import type { OperationKind } from "./operation.ts";
import type { ResolvedService } from "./service.ts";
import type { Receipt } from "./step.ts";

/** What a rollback is asked for. */
export interface RollbackRequest {
  /** `service`: what the last run did not finish; `run`: all that it changed. */
  scope: "service" | "run";
  /** Only this service. */
  service?: string | undefined;
  /** Back to what stood verified after this run. */
  toRun?: number | undefined;
}

/** One service that goes back. */
export interface RollbackTarget {
  service: string;
  /** What runs now, as far as the ledger knows. */
  from: string;
  to: string;
  /** The digest that was verified then. */
  digest: string;
  /** True when a migration of it has begun in the run that is answered. */
  migrated: boolean;
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

/** A run of the ledger. */
export interface PastRun {
  number: number;
  operation: OperationKind;
  releaseSet: string;
  targets: ServiceTarget[];
  receipts: Receipt[];
}

/** All runs, oldest first. */
export function runsOf(pages: readonly Page[]): PastRun[] {
  return [...pages]
    .sort((a, b) => a.number - b.number)
    .flatMap((page) => {
      const begun = page.entries.find((entry) => entry.kind === "attempt");
      if (begun?.kind !== "attempt") return [];
      const receipts = page.entries.flatMap((entry) => (entry.kind === "receipt" ? [entry.receipt] : []));
      const { operation, releaseSet, targets } = begun;
      return [{ number: page.number, operation, releaseSet, targets, receipts }];
    });
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
  const explicit = request.service !== undefined || request.toRun !== undefined;
  if (run.operation === "rollback" && !explicit) {
    return { reason: "isRollback", detail: `run ${run.number} was a rollback itself; a rollback is never rolled back` };
  }
  const now = summarize(pages);
  const standing = standingAfter(now, run, order);
  const back = stateToGoTo(pages, run, request);
  if (back === null) return { reason: "unknownRun", detail: `there is no run ${request.toRun ?? ""}` };
  if (request.service !== undefined && !order.includes(request.service)) {
    return {
      reason: "unknownService",
      detail: `there is no service ${request.service}; services: ${order.join(", ")}`,
    };
  }
  const wanted = wantedServices(run, now, back, order, request, standing);
  if (wanted.length === 0) return { reason: "nothingChanged", detail: `run ${run.number} left nothing to take back` };
  const targets: RollbackTarget[] = [];
  for (const service of [...wanted].reverse()) {
    const verified =
      request.service !== undefined && request.toRun === undefined
        ? previousOf(pages, service, standing.get(service))
        : back.lastVerified.get(service);
    if (verified === undefined) {
      return {
        reason: "noWayBack",
        detail: `${service} was not verified at anything else before: there is nothing to go back to`,
      };
    }
    const migrated = run.receipts.some((receipt) => receipt.service === service && receipt.step === "migrate");
    targets.push({
      service,
      from: standing.get(service) ?? run.releaseSet,
      to: verified.releaseSet,
      digest: verified.digest,
      migrated,
    });
  }
  return { run: run.number, targets, standing, release: releaseOf(back, run, standing, targets) };
}

/**
 * What a service was verified at before it first came to where it stands: what a rollback left behind is never "before". Undefined: nothing.
 */
function previousOf(
  pages: readonly Page[],
  service: string,
  standing: string | undefined,
): { releaseSet: string; digest: string } | undefined {
  const verified = [...pages]
    .sort((a, b) => a.number - b.number)
    .flatMap((page) => page.entries)
    .flatMap((entry) => {
      if (entry.kind !== "receipt" || entry.digest === null) return [];
      const { service: of, step, verdict } = entry.receipt;
      return of === service && step === "verify" && verdict === "passed"
        ? [{ releaseSet: entry.releaseSet, digest: entry.digest }]
        : [];
    });
  const first = verified.findIndex(({ releaseSet }) => releaseSet === standing);
  return first < 0 ? verified.at(-1) : verified[first - 1];
}

/** Where each service stands: at the run's target once the run has reached it, else where it was last verified. */
function standingAfter(now: LedgerSummary, run: PastRun, order: readonly string[]): Map<string, string> {
  const reached = new Set(run.receipts.map((receipt) => receipt.service));
  const aimed = new Map(run.targets.map((target) => [target.service, target.releaseSet]));
  return new Map(
    order.flatMap((service): [string, string][] => {
      const set = reached.has(service)
        ? (now.verified.get(service)?.releaseSet ?? aimed.get(service))
        : (now.lastVerified.get(service)?.releaseSet ?? undefined);
      return [[service, set ?? "absent"]];
    }),
  );
}

function stateToGoTo(pages: readonly Page[], run: PastRun, request: RollbackRequest): LedgerSummary | null {
  if (request.toRun === undefined) return summarize(pages.filter((page) => page.number < run.number));
  if (!pages.some((page) => page.number === request.toRun)) return null;
  const limit = request.toRun;
  return summarize(pages.filter((page) => page.number <= limit));
}

function wantedServices(
  run: PastRun,
  now: LedgerSummary,
  back: LedgerSummary,
  order: readonly string[],
  request: RollbackRequest,
  standing: ReadonlyMap<string, string>,
): string[] {
  if (request.service !== undefined) return [request.service];
  const differs = (service: string) => back.lastVerified.get(service)?.releaseSet !== standing.get(service);
  if (request.toRun !== undefined) return order.filter((service) => back.lastVerified.has(service) && differs(service));
  const touched = order.filter((service) => run.receipts.some((receipt) => receipt.service === service));
  const unfinished = touched.filter(
    (service) => now.verified.get(service)?.attempt.split(".")[0] !== String(run.number),
  );
  // A run that passed has nothing unfinished: then all of it is meant.
  return request.scope === "service" && unfinished.length > 0 ? unfinished : touched;
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

/** What a rollback of this service means for its database. */
export type DatabaseAnswer =
  { kind: "keeps"; text: string } | { kind: "needsRestore"; text: string } | { kind: "refused"; text: string };

/** Schema classes decide about databases (design.md 6). `releaseOrder`: release sets, oldest first. */
export function databaseAnswer(
  target: RollbackTarget,
  schemaClass: ResolvedService["schemaClass"],
  hasDatabase: boolean,
  releaseOrder: readonly string[],
): DatabaseAnswer {
  const { service, from, to } = target;
  if (!hasDatabase) return { kind: "keeps", text: `${service} has no database` };
  if (schemaClass === "any")
    return { kind: "keeps", text: `${service}: the database stays as it is; ${to} runs on the schema of ${from}` };
  if (schemaClass === "restore") {
    if (!target.migrated)
      return { kind: "keeps", text: `${service}: no migration had begun, the database stays as it is` };
    return {
      kind: "needsRestore",
      text: `${service}: ${to} does not run on the schema of ${from}; going back needs the backup`,
    };
  }
  const distance = releaseOrder.indexOf(from) - releaseOrder.indexOf(to);
  if (distance <= schemaClass.backward) {
    return {
      kind: "keeps",
      text: `${service}: the database stays as it is; ${to} runs on schemas up to ${schemaClass.backward} release(s) newer`,
    };
  }
  return {
    kind: "refused",
    text: `${service}: ${from} is ${distance} releases after ${to}, but ${to} runs only on schemas up to ${schemaClass.backward} release(s) newer`,
  };
}
