import { chown } from "node:fs/promises";
import { CutoverError } from "../../model/error.ts";
import { runCommand } from "../process/run.ts";

export interface ServerUser {
  uid: number;
  gid: number;
}

/** The user that PostgreSQL runs as: ourselves, or `postgres` or `nobody` when we are root, which the server refuses. */
export async function serverUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const uid = Number((await runCommand("id", ["-u", name])).stdout.trim() || Number.NaN);
    const gid = Number((await runCommand("id", ["-g", name])).stdout.trim() || Number.NaN);
    if (uid > 0 && gid > 0) return { uid, gid };
  }
  throw new CutoverError({
    code: "CUT-9021",
    verdict: "errored",
    happened: "PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody",
    next: "create one of them, or run this command as an ordinary user",
  });
}

/** Gives a file or folder to the server's user. */
export async function giveTo(user: ServerUser | undefined, ...files: string[]): Promise<void> {
  if (user === undefined) return;
  for (const file of files) await chown(file, user.uid, user.gid);
}
