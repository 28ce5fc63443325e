import { mkdir, rename } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { CutoverError } from "../../model/error.ts";
import type { NodeProcedure } from "../../model/nodes.ts";
import { judgeArchive, unreadableId, type ArchiveVerdict } from "../../model/nodes/archive.ts";
import { fillIn } from "../../model/nodes/command-line.ts";
import { missingFrom } from "../../model/nodes/file-list.ts";
import type { NodeBackup } from "../../model/platform-backup.ts";
import { syncFolder } from "../work/files.ts";
import { readArchive, writeArchive, type OpenFile, type ReadArchive } from "./archive-file.ts";
import type { ConnectedNode, NodeContext } from "./connect.ts";
import { finishedBefore, forget, noteFinished } from "./kept-archive.ts";
import { listFolder, type ListedFolder } from "./list-files.ts";

export interface FolderInput {
  procedure: NodeProcedure;
  /** On the node. */
  folder: string;
  /** The archive, relative to the project folder. */
  file: string;
  run: string;
  acknowledged: readonly string[];
  openFile: OpenFile;
}

type Archive = Extract<NodeBackup, { kind: "archive" }>;

/**
 * Streams a tar of a folder to `<file>.part`, reads it back and compares it with the list of files taken before; only then it gets its name.
 * Throws CUT-5610 to 5615.
 */
export async function backUpFolder(context: NodeContext, one: ConnectedNode, input: FolderInput): Promise<Archive> {
  const { folder, file, run } = input;
  const listed = await listFolder(context, one, input.procedure, folder);
  const kept = await keptArchive(context, one, input, listed);
  if (kept !== null) return kept;
  await forget(context.root, file);
  const path = resolve(context.root, file);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const writer = await writeArchive(`${path}.part`, input.openFile);
  try {
    const streamed = await stream(context, one, input, (chunk) => writer.write(chunk));
    const { sha256, bytes } = await writer.finish();
    context.progress(`${one.node.name}: reading the archive of ${folder} back (${(bytes / 1e6).toFixed(1)} MB)`);
    const archive = await readArchive(`${path}.part`, context.signal);
    if (archive.sha256 !== sha256) throw cut(one, folder, "what was read back is not what was written");
    const unreadable = judge(one, input, listed, archive, streamed);
    await rename(`${path}.part`, path);
    await syncFolder(dirname(path));
    const files = archive.files.length;
    const backup: Archive = { kind: "archive", node: one.node.name, folder, file, sha256, bytes, files, unreadable };
    await noteFinished(context.root, file, run, backup);
    return backup;
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

interface Streamed {
  exitCode: number | null;
  complaints: string[];
}

async function stream(
  context: NodeContext,
  { node, ssh }: ConnectedNode,
  { procedure, folder }: FolderInput,
  write: (chunk: Buffer) => Promise<void>,
): Promise<Streamed> {
  let bytes = 0;
  let said = Date.now();
  context.progress(`${node.name}: saving ${folder}`);
  const result = await ssh.run(fillIn(procedure.archive, { folder }), {
    idleMilliseconds: procedure.timeoutSeconds * 1000,
    signal: context.signal,
    async onStdout(chunk) {
      await write(chunk);
      bytes += chunk.length;
      if (Date.now() - said < 10_000) return;
      said = Date.now();
      context.progress(`${node.name}: saving ${folder}, ${(bytes / 1e6).toFixed(0)} MB so far`);
    },
  });
  return { exitCode: result.exitCode, complaints: result.stderr.split(/\r?\n/) };
}

/** The files that are not in the archive and may be missing; throws when they may not. */
function judge(
  one: ConnectedNode,
  { procedure, folder, acknowledged }: FolderInput,
  listed: ListedFolder,
  archive: ReadArchive,
  streamed: Streamed,
): string[] {
  if (archive.damage !== null) throw cut(one, folder, archive.damage);
  const verdict: ArchiveVerdict = judgeArchive({
    system: procedure.system,
    exitCode: streamed.exitCode,
    complaints: [...listed.complaints, ...streamed.complaints],
    listed: listed.files,
    archived: archive.files,
    complete: archive.complete,
  });
  if (verdict.kind === "cut") throw cut(one, folder, verdict.why, streamed.complaints);
  const { unreadable } = verdict;
  if (unreadable.length === 0 || acknowledged.includes(unreadableId(one.node.name))) return unreadable;
  const shown = unreadable.slice(0, 20);
  throw new CutoverError({
    code: "CUT-5612",
    verdict: "failed",
    happened: `${unreadable.length} files of ${folder} on node ${one.node.name} are locked or unreadable and would not be in the backup`,
    evidence: [
      ...shown,
      ...(unreadable.length > shown.length ? [`and ${unreadable.length - shown.length} more`] : []),
      ...streamed.complaints.filter((line) => line.trim() !== "").slice(0, 5),
    ],
    untouched: "The node was not changed; the incomplete archive was removed.",
    next: `Close what holds the files, or give ${one.node.user} the right to read them; or accept that they are not saved: cutover:acknowledged: [${unreadableId(one.node.name)}]`,
    exitCode: 16,
  });
}

/** The archive that an earlier try of this run finished, where it is as it was written and holds all that is listed now. */
async function keptArchive(
  context: NodeContext,
  { node }: ConnectedNode,
  { procedure, folder, file, run, acknowledged }: FolderInput,
  listed: ListedFolder,
): Promise<Archive | null> {
  const before = await finishedBefore(context.root, file, run);
  if (before?.kind !== "archive" || before.node !== node.name || before.folder !== folder) return null;
  if (before.unreadable.length > 0 && !acknowledged.includes(unreadableId(node.name))) return null;
  const found = await readArchive(resolve(context.root, file), context.signal).catch(() => null);
  context.signal.throwIfAborted();
  const fresh =
    found === null ? [] : missingFrom(listed.files, [...found.files, ...before.unreadable], procedure.system);
  if (found?.sha256 === before.sha256 && found.complete && fresh.length === 0) {
    context.progress(`${node.name}: the archive of ${folder} from this run is kept`);
    return before;
  }
  const why = found?.sha256 === before.sha256 ? `lacks ${fresh[0] ?? "its end"}` : "is gone or has another content";
  context.progress(`${node.name}: the archive of ${folder} from this run ${why}: a new one is made`);
  return null;
}

function cut(one: ConnectedNode, folder: string, why: string, complaints: readonly string[] = []): CutoverError {
  return new CutoverError({
    code: "CUT-5611",
    verdict: "failed",
    happened: `the archive of ${folder} from node ${one.node.name} is not whole`,
    evidence: [why, ...complaints.filter((line) => line.trim() !== "").slice(-5)],
    untouched: "The node was not changed; the archive was removed.",
    next: "Look at the node (who ended the command?), then run pulumi up again; finished archives are kept.",
    exitCode: 16,
  });
}
