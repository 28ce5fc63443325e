import { join } from "node:path";
import * as z from "zod";
import { runProcess, type ProcessResult } from "../../clients/process.ts";
import { CutoverError } from "../../model/error.ts";
import type { NodeSettings } from "../../model/nodes.ts";
import type { NodeBackup } from "../../model/platform-backup.ts";
import { redactText } from "../redaction.ts";
import { workIdVariable } from "../work/files.ts";
import type { NodeContext } from "./connect.ts";
import { finishedBefore, noteFinished } from "./kept-archive.ts";

const receiptShape = z.object({
  id: z.string().min(1),
  finishedAt: z.iso.datetime({ offset: true }),
  sizeBytes: z.number().positive().optional(),
});

// The clocks of two machines differ.
const clockMilliseconds = 5 * 60_000;

/**
 * Runs the user's command that makes a VM snapshot of a node (seed 000, step 1) and checks its receipt: it must end after the command was
 * started. One that this run has made already is kept. Throws CUT-5620.
 */
export async function snapshotNode(
  context: NodeContext,
  node: NodeSettings,
  command: readonly string[],
  place: { folder: string; run: string },
): Promise<NodeBackup> {
  const file = join(place.folder, "nodes", node.name, "snapshot");
  const kept = await finishedBefore(context.root, file, place.run);
  if (kept?.kind === "snapshot") {
    context.progress(`${node.name}: the snapshot ${kept.id} of this run is kept`);
    return kept;
  }
  const began = Date.now();
  const id = process.env[workIdVariable];
  context.progress(`${node.name}: making a snapshot with ${command[0] ?? ""}`);
  const result = await runProcess(command, {
    cwd: context.root,
    signal: context.signal,
    onStderrLine: (line) => context.progress(redactText(line)),
    environment: {
      CUTOVER_NODE: node.name,
      CUTOVER_NODE_ADDRESS: node.address,
      CUTOVER_RUN: place.run,
      ...(id === undefined ? {} : { [workIdVariable]: id }),
    },
  });
  context.signal.throwIfAborted();
  const receipt = receiptOf(node.name, result);
  const finished = Date.parse(receipt.finishedAt);
  if (finished < began - clockMilliseconds || finished > Date.now() + clockMilliseconds) {
    throw failure(node.name, "its receipt is not of now", [
      `finished ${receipt.finishedAt}; the command was started ${new Date(began).toISOString()}`,
    ]);
  }
  const backup: NodeBackup = {
    kind: "snapshot",
    node: node.name,
    id: receipt.id,
    finishedAt: receipt.finishedAt,
    bytes: receipt.sizeBytes ?? null,
  };
  await noteFinished(context.root, file, place.run, backup);
  return backup;
}

function receiptOf(node: string, result: ProcessResult): z.infer<typeof receiptShape> {
  if (result.exitCode !== 0) {
    const how = result.exitCode === null ? `ended by ${result.endedBy}` : `exit code ${result.exitCode}`;
    throw failure(node, how, result.stderr.trim().split("\n").slice(-8));
  }
  try {
    return receiptShape.parse(JSON.parse(result.stdout.trim().split("\n").at(-1) ?? ""));
  } catch (error) {
    const issues = error instanceof z.ZodError ? error.issues : [];
    throw failure(node, "it printed no receipt on its last line", [
      "wanted one JSON line {id, finishedAt, sizeBytes?}",
      ...issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    ]);
  }
}

function failure(node: string, how: string, evidence: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5620",
    verdict: "failed",
    happened: `the snapshot command of node ${node} is no proof of a backup: ${how}`,
    evidence: evidence.map(redactText),
    untouched: "Nothing was deployed and no database was changed.",
    next: `Repair cutover:nodes[].snapshot of ${node}, then run pulumi up again.`,
    exitCode: 16,
  });
}
