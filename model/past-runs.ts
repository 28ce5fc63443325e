import type { Page, ServiceTarget } from "./ledger.ts";
import { summarize } from "./ledger-summary.ts";
import type { OperationKind } from "./operation.ts";
import type { Receipt } from "./step.ts";

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

/** A run that prepared something and then touched no service. */
export interface UntouchedRun {
  run: PastRun;
  /** Services that stand in the cluster, all verified before, with the release set of each; empty: what ran before runs on nodes. */
  standing: Map<string, string>;
}

const preparing: ReadonlySet<string> = new Set(["quiesce", "backup", "clone"]);

/**
 * The last run, when it came no further than the platform's own steps: taking it back never means taking back the run before it. Null: it
 * touched a service, or one that an earlier run left unverified is still there.
 */
export function untouchedRun(pages: readonly Page[]): UntouchedRun | null {
  const run = runsOf(pages).at(-1);
  if (run === undefined || run.operation === "rollback") return null;
  if (run.receipts.some(({ service }) => service !== null)) return null;
  if (!run.receipts.some(({ step }) => preparing.has(step))) return null;
  const { verified } = summarize(pages);
  const standing = new Map<string, string>();
  for (const service of presentServices(pages)) {
    const releaseSet = verified.get(service)?.releaseSet;
    if (releaseSet === undefined) return null;
    standing.set(service, releaseSet);
  }
  return { run, standing };
}

/** Nodes outside Kubernetes that a run stopped and nothing has started since. `since`: ISO 8601, UTC. */
export interface StoppedNodes {
  nodes: string[];
  since: string;
}

/** Null: none. A rollback that leaves no service in the cluster starts them again. */
export function stoppedNodes(pages: readonly Page[]): StoppedNodes | null {
  const sorted = [...pages].sort((a, b) => a.number - b.number);
  const rollbacks = new Set<string>();
  let stopped: StoppedNodes | null = null;
  for (const [index, page] of sorted.entries()) {
    for (const entry of page.entries) {
      if (entry.kind === "operation" && entry.operation === "rollback") rollbacks.add(entry.id);
      if (entry.kind === "receipt") stopped = nodesOf(entry.receipt, stopped);
      const wentBack = entry.kind === "operationEnded" && entry.verdict === "passed" && rollbacks.has(entry.id);
      if (wentBack && presentServices(sorted.slice(0, index + 1)).size === 0) stopped = null;
    }
  }
  return stopped;
}

function nodesOf({ step, verdict, facts }: Receipt, before: StoppedNodes | null): StoppedNodes | null {
  if (step !== "quiesce" || verdict !== "passed" || typeof facts["quietSince"] !== "string") return before;
  const names = [facts["stopped"], facts["alreadyStopped"]].flatMap((list) => (Array.isArray(list) ? list : []));
  const nodes = names.filter((name) => typeof name === "string").sort();
  return nodes.length === 0 ? before : { nodes, since: before?.since ?? facts["quietSince"] };
}

/** Services that some run has worked on and none has removed since. */
function presentServices(pages: readonly Page[]): Set<string> {
  const present = new Set<string>();
  for (const page of [...pages].sort((a, b) => a.number - b.number)) {
    for (const entry of page.entries) {
      if (entry.kind === "receipt" && entry.receipt.service !== null) present.add(entry.receipt.service);
      if (entry.kind === "removed") present.delete(entry.service);
    }
  }
  return present;
}
