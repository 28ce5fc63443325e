import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CutoverError } from "../../model/error.ts";
import type { PlatformBackup } from "../../model/platform-backup.ts";
import type { Json } from "../../model/service.ts";
import { platformBackupSpec } from "../../model/step-specs.ts";
import { parseSpec, type Outcome, type StepContext } from "../context.ts";
import { skippedOnTheWayBack } from "./not-on-the-way-back.ts";
import { backupOfOperation, fileProblem, storeManifest } from "./stored-backup.ts";

/**
 * A good backup of this run is kept: one taken before a migration began is never replaced by one taken after (seed 000, step 1: everything
 * is saved before the upgrade). Throws CUT-5172 when its files are damaged.
 */
export async function quick(context: StepContext): Promise<Outcome | null> {
  const skipped = await skippedOnTheWayBack(context);
  if (skipped !== null) return skipped;
  const kept = await backupOfOperation(context);
  if (kept === null) return null;
  const { receipt, backup } = kept;
  const problem =
    backup === null
      ? "its manifest is gone or has another content"
      : await fileProblem(context.root, backup, context.signal);
  const takenIn =
    typeof receipt.facts["takenInAttempt"] === "string" ? receipt.facts["takenInAttempt"] : receipt.attempt;
  if (problem !== null || backup === null) throw damaged(receipt.facts["backupId"], problem ?? "", takenIn);
  return {
    verdict: "passed",
    summary: `kept: ${receipt.summary.replace(/^kept: /, "")}`,
    evidence: [`taken in attempt ${takenIn}`],
    facts: { ...receipt.facts, takenInAttempt: takenIn },
    reused: true,
  };
}

/** Saves all operational databases and all nodes, reads everything back, and writes one manifest. Runs in a worker. */
export async function run(context: StepContext): Promise<Outcome> {
  const { request, root } = context;
  const spec = parseSpec(platformBackupSpec, request);
  const runNumber = request.attempt.split(".")[0] ?? "unknown";
  const folder = join(spec.folder, request.stack, "platform", runNumber);
  await mkdir(resolve(root, folder), { recursive: true });
  const takenAt = new Date().toISOString();
  const nodes = await saveNodes(context, folder);
  const { databases, tables } = await saveDatabases(context, runNumber, folder);
  const finishedAt = new Date().toISOString();
  const id = `${request.stack}/platform/${runNumber}`;
  const backup: PlatformBackup = { id, takenAt, finishedAt, databases, tables, nodes };
  const digest = await storeManifest(resolve(root, folder), backup);
  const bytes = [...databases, ...nodes].reduce((sum, part) => sum + (part.bytes ?? 0), 0);
  const facts: { [key: string]: Json } = {
    ...{ backupId: id, kind: "platform", folder, sha256: digest, bytes, startedAt: takenAt, finishedAt },
    ...{ databases: databases.length, nodes: new Set(nodes.map(({ node }) => node)).size },
  };
  return { verdict: "passed", summary: summaryOf(backup, bytes), evidence: evidenceOf(backup), facts };
}

async function saveNodes(context: StepContext, folder: string): Promise<PlatformBackup["nodes"]> {
  const { nodes, procedure, acknowledged } = parseSpec(platformBackupSpec, context.request);
  if (nodes.length === 0 || procedure === null) return [];
  const { backUpNodes } = await import("../nodes/back-up.ts");
  const run = context.request.attempt.split(".")[0] ?? "unknown";
  return backUpNodes(context, { nodes, procedure, folder, acknowledged, run });
}

async function saveDatabases(
  context: StepContext,
  run: string,
  folder: string,
): Promise<Pick<PlatformBackup, "databases" | "tables">> {
  const { operationalDatabases, acknowledged } = parseSpec(platformBackupSpec, context.request);
  if (operationalDatabases === null) return { databases: [], tables: [] };
  const { backUpDatabases } = await import("../operational/back-up.ts");
  // The first time there is nothing but the source to be saved; its clones are what every later run saves.
  const which = (await onSource(context)) ? "source" : "server";
  return backUpDatabases(context, operationalDatabases, { which, run, folder, acknowledged });
}

async function onSource(context: StepContext): Promise<boolean> {
  const { operationalDatabases } = parseSpec(platformBackupSpec, context.request);
  if (operationalDatabases?.mode !== "clone") return false;
  const { summarize } = await import("../../model/ledger-summary.ts");
  const { verified, lastVerified } = summarize(await (await context.ledger()).pages());
  return verified.size === 0 && lastVerified.size === 0;
}

function summaryOf({ databases, nodes, tables }: PlatformBackup, bytes: number): string {
  const parts = [
    `${databases.length} databases`,
    ...(tables.length === 0 ? [] : [`${tables.length} warehouse tables`]),
    `${new Set(nodes.map(({ node }) => node)).size} nodes`,
  ];
  return `saved and read back: ${parts.join(", ")}, ${(bytes / 1e6).toFixed(1)} MB`;
}

// A receipt is one line below 8 KiB; the manifest has the rest.
function evidenceOf({ databases, nodes }: PlatformBackup): string[] {
  const lines = [
    ...databases.map(({ database, path }) => `${database}: ${path}`),
    ...nodes.map((node) =>
      node.kind === "snapshot"
        ? `${node.node}: snapshot ${node.id}`
        : `${node.node} ${node.folder}: ${node.files} files${node.unreadable.length === 0 ? "" : `, ${node.unreadable.length} unreadable and acknowledged: ${node.unreadable.slice(0, 3).join("; ")}`}`,
    ),
  ];
  return lines.length <= 20 ? lines : [...lines.slice(0, 20), `and ${lines.length - 20} more, in the manifest`];
}

function damaged(id: unknown, problem: string, takenIn: string): CutoverError {
  return new CutoverError({
    code: "CUT-5172",
    verdict: "failed",
    happened: `the backup ${typeof id === "string" ? id : ""} that this run relies on is damaged`,
    evidence: [problem, `taken in attempt ${takenIn}`],
    untouched: "Nothing was changed by this step.",
    next: "Put the file back; where nothing was migrated yet: cutover rollback, then the upgrade takes a new backup.",
    exitCode: 16,
  });
}
