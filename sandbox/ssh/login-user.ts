import { chown, lchown, readFile } from "node:fs/promises";
import { readdir } from "node:fs/promises";
import { userInfo } from "node:os";
import path from "node:path";
import { CutoverError } from "../../model/error.ts";
import { runCommand } from "../process/run.ts";

/** The user that sshd runs as and lets in: a server that is not root can let in only itself. */
export interface LoginUser {
  name: string;
  /** Undefined: ourselves. */
  identity: { uid: number; gid: number } | undefined;
}

const ownName = "cutover-sandbox";
const shells = /\/(ba|da|k|z)?sh$/;

/**
 * Ourselves; as root `postgres` (which the sandbox's database runs as too), else a system user of our own. Never root: it reads every file, so
 * that nothing would ever be unreadable, and sshd as root wants a user and a folder of its own on the system. Throws CUT-5691.
 */
export async function loginUser(say: (line: string) => void): Promise<LoginUser> {
  if (process.getuid?.() !== 0) return ourselves();
  const found = (await userWithShell("postgres")) ?? (await userWithShell(ownName));
  if (found !== null) return found;
  say(`sshd: this is root, so that a system user ${ownName} is made to log in with`);
  const made = await runCommand("useradd", ["--system", "--no-create-home", "--shell", "/bin/sh", ownName]);
  const user = await userWithShell(ownName);
  if (user !== null) return user;
  throw noUser(`useradd ${ownName}: ${made.stderr.trim().slice(0, 300)}`);
}

function ourselves(): LoginUser {
  let own: { username: string; shell: string | null };
  try {
    own = userInfo();
  } catch {
    throw noUser(`our user number ${process.getuid?.() ?? ""} has no name on this machine`);
  }
  if (!shells.test(own.shell ?? "")) throw noUser(`${own.username} has the shell "${own.shell ?? ""}"`);
  return { name: own.username, identity: undefined };
}

function noUser(evidence: string): CutoverError {
  return new CutoverError({
    code: "CUT-5691",
    verdict: "errored",
    happened: "the sandbox's sshd needs an ordinary user with a POSIX shell to let in, and there is none",
    evidence: [evidence],
    next: `run this as an ordinary user with such a shell, or as root (which uses postgres or ${ownName})`,
  });
}

async function userWithShell(name: string): Promise<LoginUser | null> {
  for (const line of (await readFile("/etc/passwd", "utf8")).split("\n")) {
    const [user, , uid, gid, , , shell = ""] = line.split(":");
    if (user !== name || !shells.test(shell)) continue;
    return { name, identity: { uid: Number(uid), gid: Number(gid) } };
  }
  return null;
}

/** Gives a folder and everything in it to the user. */
export async function giveFolder(user: LoginUser, folder: string): Promise<void> {
  if (user.identity === undefined) return;
  const { uid, gid } = user.identity;
  await chown(folder, uid, gid);
  for (const entry of await readdir(folder, { recursive: true })) await lchown(path.join(folder, entry), uid, gid);
}
