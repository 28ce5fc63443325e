import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { CutoverError, describeError } from "../../model/error.ts";
import type { NodeProcedure } from "../../model/nodes.ts";
import { fillIn } from "../../model/nodes/command-line.ts";
import { missingFrom } from "../../model/nodes/file-list.ts";
import { folderCommands, replacedName } from "../../model/nodes/folder-commands.ts";
import type { NodeBackup } from "../../model/platform-backup.ts";
import type { ConnectedNode, NodeContext } from "./connect.ts";
import { listFolder } from "./list-files.ts";
import { saidBy } from "./run-state.ts";
import type { RestoredFolder } from "./restore.ts";

/** An archive whose content was checked. */
export interface ArchiveToRestore {
  backup: Extract<NodeBackup, { kind: "archive" }>;
  files: readonly string[];
}

interface FolderRestore {
  procedure: NodeProcedure;
  archive: ArchiveToRestore;
  stamp: string;
  /** For the error's text: what is back already. */
  done: readonly RestoredFolder[];
}

const shortMilliseconds = 60_000;

/**
 * Moves the present folder aside and fills a new one. Where an earlier try with the same stamp has moved it aside already, the folder
 * that lies there now is that try's own and is filled again.
 */
export async function restoreFolder(
  context: NodeContext,
  one: ConnectedNode,
  input: FolderRestore,
): Promise<RestoredFolder> {
  const { folder } = input.archive.backup;
  const target = replacedName(folder, input.stamp);
  const commands = folderCommands[input.procedure.system];
  const movedBefore = await isThere(context, one, input, target);
  const there = await isThere(context, one, input, folder);
  if (there && !movedBefore) await must(context, one, input, fillIn(commands.move, { folder, target }));
  const kept = there || movedBefore ? target : null;
  if (!there || !movedBefore) await must(context, one, input, fillIn(commands.make, { folder }));
  await extract(context, one, input);
  const { files } = await listFolder(context, one, input.procedure, folder);
  const missing = missingFrom(input.archive.files, files, input.procedure.system);
  if (missing.length > 0) {
    throw failure("CUT-5634", one, input, "not everything was brought back", [
      `${missing.length} files of the archive are not on the node`,
      ...missing.slice(0, 10),
    ]);
  }
  context.progress(`${one.node.name}: ${folder} is back${kept === null ? "" : `; the folder of before is ${kept}`}`);
  return { node: one.node.name, folder, kept, files: files.length };
}

async function isThere(
  context: NodeContext,
  one: ConnectedNode,
  input: FolderRestore,
  folder: string,
): Promise<boolean> {
  const { argv, absent } = folderCommands[input.procedure.system].exists;
  const filled = fillIn(argv, { folder });
  const result = await one.ssh.run(filled, { timeoutMilliseconds: shortMilliseconds, signal: context.signal });
  if (result.exitCode === 0) return true;
  if (result.exitCode === absent) return false;
  throw failure("CUT-5635", one, input, "whether a folder is there is not known", [
    `${filled.join(" ")}: ${saidBy(result)}`,
  ]);
}

async function must(
  context: NodeContext,
  one: ConnectedNode,
  input: FolderRestore,
  argv: readonly string[],
): Promise<void> {
  const result = await one.ssh.run(argv, { timeoutMilliseconds: shortMilliseconds, signal: context.signal });
  if (result.exitCode === 0) return;
  throw failure("CUT-5632", one, input, "the folder could not be moved aside or made anew", [
    `${argv.join(" ")}: ${saidBy(result)}`,
  ]);
}

async function extract(context: NodeContext, one: ConnectedNode, input: FolderRestore): Promise<void> {
  const { file, folder, bytes } = input.archive.backup;
  const argv = fillIn(input.procedure.extract, { folder });
  context.progress(`${one.node.name}: writing ${folder} (${(bytes / 1e6).toFixed(1)} MB)`);
  const stream = createReadStream(resolve(context.root, file), { highWaterMark: 1 << 18 });
  let problem: string[];
  try {
    const idleMilliseconds = input.procedure.timeoutSeconds * 1000;
    const result = await one.ssh.run(argv, { idleMilliseconds, signal: context.signal, input: stream });
    if (result.exitCode === 0) return;
    problem = [`${argv.join(" ")}: ${saidBy(result)}`];
  } catch (error) {
    context.signal.throwIfAborted();
    problem = describeError(error);
  } finally {
    stream.destroy();
  }
  throw failure("CUT-5633", one, input, "the folder was not filled to its end", problem);
}

function failure(
  code: "CUT-5632" | "CUT-5633" | "CUT-5634" | "CUT-5635",
  { node }: ConnectedNode,
  { archive, stamp, done }: FolderRestore,
  what: string,
  evidence: string[],
): CutoverError {
  const { folder } = archive.backup;
  const aside = replacedName(folder, stamp);
  return new CutoverError({
    code,
    verdict: code === "CUT-5635" ? "errored" : "failed",
    happened: `${folder} on node ${node.name}: ${what}`,
    evidence: [...evidence, ...done.map((one) => `back already: ${one.node} ${one.folder}`)],
    untouched: `The folder of before is not lost: it is ${aside} where it was moved already, else still ${folder}.`,
    next: `Remove the cause, then run the same command again. To go back by hand: rename ${aside} to ${folder}.`,
  });
}
