import { CutoverError } from "../../model/error.ts";
import type { NodeProcedure } from "../../model/nodes.ts";
import { fillIn } from "../../model/nodes/command-line.ts";
import { parseFileList } from "../../model/nodes/file-list.ts";
import type { ConnectedNode, NodeContext } from "./connect.ts";
import { saidBy } from "./run-state.ts";

/** The files below a folder of a node, and what the command complained about (folders it may not enter). */
export interface ListedFolder {
  files: string[];
  complaints: string[];
}

/** Runs the procedure's `list`. Throws CUT-5610 when it names no file at all, or something that is not below the folder. */
export async function listFolder(
  context: NodeContext,
  { node, ssh }: ConnectedNode,
  procedure: NodeProcedure,
  folder: string,
): Promise<ListedFolder> {
  const argv = fillIn(procedure.list, { folder });
  const options = { idleMilliseconds: procedure.timeoutSeconds * 1000, signal: context.signal };
  const result = await ssh.run(argv, options);
  const { files, strange } = parseFileList(result.stdout, procedure.system, folder);
  if (files.length > 0 && strange.length === 0 && result.exitCode !== null) {
    const complaints = result.stderr.split(/\r?\n/).filter((line) => line.trim() !== "");
    // A failure that complains of nothing must not get lost.
    if (result.exitCode !== 0 && complaints.length === 0) complaints.push(`${argv.join(" ")}: ${saidBy(result)}`);
    return { files, complaints };
  }
  throw new CutoverError({
    code: "CUT-5610",
    verdict: "failed",
    happened: `the files of ${folder} on node ${node.name} cannot be listed`,
    evidence: [
      `${argv.join(" ")}: ${strange.length === 0 ? saidBy(result) : `printed "${strange[0]?.slice(0, 200)}", which is not below the folder`}`,
      `${files.length} files were named`,
    ],
    untouched: "The node was not changed, and no archive was begun.",
    next: `Give ${node.user} the right to read the folder, or correct folders (of the release set's nodes, or of this node in the stack file).`,
    exitCode: 16,
  });
}
