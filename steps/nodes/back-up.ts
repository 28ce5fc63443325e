import { join } from "node:path";
import type { NodeProcedure, NodeSettings } from "../../model/nodes.ts";
import type { NodeBackup } from "../../model/platform-backup.ts";
import { openFile, type OpenFile } from "./archive-file.ts";
import { backUpFolder } from "./back-up-folder.ts";
import { withNodes, type NodeContext } from "./connect.ts";
import { snapshotNode } from "./snapshot.ts";

export interface NodesBackupInput {
  nodes: readonly NodeSettings[];
  procedure: NodeProcedure;
  /** Of this backup, relative to the project folder; archives go to `nodes/<node>/<n>.tar` below it. */
  folder: string;
  /** With `node-<node>-unreadable` files that cannot be read are noted instead of stopping the run. */
  acknowledged: readonly string[];
  /** Number of the run: what an earlier try of the same run finished is kept. */
  run: string;
}

/**
 * Saves all folders of all nodes, one after the other, or their VM snapshots. Every archive was read back when this returns. Throws CUT-43xx
 * when a node cannot be used, CUT-5610 to 5620 when a part cannot be saved; parts that are finished stay for the next try.
 */
export async function backUpNodes(
  context: NodeContext,
  input: NodesBackupInput,
  replaced: { openFile?: OpenFile } = {},
): Promise<NodeBackup[]> {
  const { procedure, folder: target, acknowledged, run } = input;
  const archived = input.nodes.filter(({ snapshot }) => snapshot === undefined);
  // Logins come first: a node that cannot be reached is known before hours of copying.
  return withNodes(context, archived, procedure, async (connected) => {
    const backups: NodeBackup[] = [];
    for (const node of input.nodes) {
      if (node.snapshot !== undefined) {
        backups.push(await snapshotNode(context, node, node.snapshot, { folder: target, run }));
        continue;
      }
      const one = connected.find((candidate) => candidate.node.name === node.name);
      if (one === undefined) throw new Error(`no connection to ${node.name}`);
      const folders = node.folders ?? procedure.folders;
      for (const [index, folder] of folders.entries()) {
        const file = join(target, "nodes", node.name, `${index + 1}.tar`);
        const open = replaced.openFile ?? openFile;
        backups.push(await backUpFolder(context, one, { procedure, folder, file, run, acknowledged, openFile: open }));
      }
    }
    return backups;
  });
}
