import { resolve } from "node:path";
import { CutoverError } from "../../model/error.ts";
import type { NodeProcedure, NodeSettings } from "../../model/nodes.ts";
import type { NodeBackup } from "../../model/platform-backup.ts";
import { readArchive } from "./archive-file.ts";
import { withNodes, type NodeContext } from "./connect.ts";
import { restoreFolder, type ArchiveToRestore } from "./restore-folder.ts";
import { askAll } from "./run-state.ts";

export interface NodesRestoreInput {
  nodes: readonly NodeSettings[];
  procedure: NodeProcedure;
  backups: readonly NodeBackup[];
  /** Part of the names under which replaced folders are kept; the same one again continues an interrupted restore. */
  stamp: string;
}

/** One folder that is again as it was saved. */
export interface RestoredFolder {
  node: string;
  folder: string;
  /** The folder of before, on the node; null: there was none. */
  kept: string | null;
  files: number;
}

/**
 * Brings folders back on all nodes. First every archive is read and every node is asked: the application must be stopped. Then each folder is
 * moved aside, made anew and filled, and its list compared. VM snapshots are named, not brought back. Throws CUT-5630 to 5635.
 */
export async function restoreNodes(context: NodeContext, input: NodesRestoreInput): Promise<RestoredFolder[]> {
  const { procedure, backups, stamp } = input;
  const nodes = input.nodes.filter(({ name }) => backups.some(({ node, kind }) => node === name && kind === "archive"));
  const archives = await checkArchives(context, input, nodes);
  return withNodes(context, nodes, procedure, async (connected) => {
    const states = await askAll(context, connected, procedure, "No folder was touched.");
    const running = [...states].filter(([, state]) => state === "running").map(([node]) => node);
    if (running.length > 0) throw stillRuns(running, procedure);
    const restored: RestoredFolder[] = [];
    for (const archive of archives) {
      const one = connected.find(({ node }) => node.name === archive.backup.node);
      if (one === undefined) throw new Error(`no connection to ${archive.backup.node}`);
      restored.push(await restoreFolder(context, one, { procedure, archive, stamp, done: restored }));
    }
    return restored;
  });
}

/** Reads all archives before the first folder is touched. */
async function checkArchives(
  context: NodeContext,
  { backups, nodes }: NodesRestoreInput,
  wanted: readonly NodeSettings[],
): Promise<ArchiveToRestore[]> {
  const problems: string[] = [];
  const archives: ArchiveToRestore[] = [];
  for (const { name } of nodes) {
    if (!backups.some(({ node }) => node === name)) problems.push(`${name} is not in this backup`);
  }
  for (const backup of backups) {
    if (backup.kind === "snapshot") {
      context.progress(
        `${backup.node}: bring VM snapshot ${backup.id} back where it was made; it is not in an archive`,
      );
      continue;
    }
    if (!wanted.some(({ name }) => name === backup.node)) {
      problems.push(`${backup.node} is in this backup, but not in the stack file`);
      continue;
    }
    context.progress(`${backup.node}: reading the archive of ${backup.folder}`);
    if (backup.unreadable.length > 0) {
      context.progress(
        `${backup.node}: ${backup.unreadable.length} files were unreadable then and cannot be brought back`,
      );
    }
    const found = await readArchive(resolve(context.root, backup.file), context.signal).catch(() => null);
    context.signal.throwIfAborted();
    if (found === null) problems.push(`${backup.file} is gone or cannot be read`);
    else if (found.sha256 !== backup.sha256)
      problems.push(`${backup.file} has another content than when it was written`);
    else archives.push({ backup, files: found.files });
  }
  if (archives.length === 0)
    problems.push("there is no archive in this backup: VM snapshots are brought back where they were made");
  if (problems.length === 0) return archives;
  throw new CutoverError({
    code: "CUT-5630",
    verdict: "failed",
    happened: "the nodes cannot be brought back from this backup",
    evidence: problems,
    untouched: "No node was asked and no folder was touched.",
    next: "Put the files back, or correct cutover:nodes, or choose another backup: cutover history <stack>",
    exitCode: 16,
  });
}

function stillRuns(nodes: readonly string[], procedure: NodeProcedure): CutoverError {
  return new CutoverError({
    code: "CUT-5631",
    verdict: "failed",
    happened: `the application runs on ${nodes.join(", ")}: its folders cannot be replaced under it`,
    untouched: "No folder was touched.",
    next: `Stop it there (${procedure.stop.join(" ")}), then run the same command again.`,
  });
}
