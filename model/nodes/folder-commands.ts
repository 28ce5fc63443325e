import type { NodeProcedure } from "../nodes.ts";

/** How a folder is looked for, moved and made on a node; `${folder}` and `${target}` are filled in. */
export interface FolderCommands {
  /** Exit 0: it is there; `absent`: it is not; anything else: could not tell. */
  exists: { argv: readonly string[]; absent: number };
  /** Renames; the target must not be there. */
  move: readonly string[];
  make: readonly string[];
}

/** `cmd /c if not exist` and `move` are cmd.exe's own; POSIX.1-2024 has test, mv and mkdir. */
export const folderCommands: Readonly<Record<NodeProcedure["system"], FolderCommands>> = {
  windows: {
    exists: { argv: ["cmd", "/c", "if", "not", "exist", "${folder}", "exit", "3"], absent: 3 },
    move: ["cmd", "/c", "move", "${folder}", "${target}"],
    make: ["cmd", "/c", "mkdir", "${folder}"],
  },
  posix: {
    exists: { argv: ["test", "-e", "${folder}"], absent: 1 },
    move: ["mv", "${folder}", "${target}"],
    make: ["mkdir", "-p", "${folder}"],
  },
};

/** Name under which a folder is kept that a restore replaces: `<folder>.replaced-<stamp>`. */
export function replacedName(folder: string, stamp: string): string {
  return `${folder.replace(/[\\/]+$/, "")}.replaced-${stamp}`;
}
