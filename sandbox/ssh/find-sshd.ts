import { chmod, cp, mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import { CutoverError } from "../../model/error.ts";
import { runCommand } from "../process/run.ts";
import { toolchainCache } from "../toolchain/cache-folder.ts";
import { withFolderLock } from "../toolchain/folder-lock.ts";
import { findOnPath, isProgram } from "../toolchain/on-path.ts";
import { withProgress } from "../toolchain/progress.ts";
import { libraryFolders, unpackDebianPackage } from "./debian-package.ts";

/** A real OpenSSH server program. */
export interface SshServer {
  program: string;
  /** What it needs in its environment. */
  environment: Record<string, string>;
  /** Extra lines for its configuration. */
  configuration: string[];
  /** Version and where it came from, for people. */
  line: string;
  /** The folder of an unpacked package; null: it is installed. */
  unpackedIn: string | null;
}

// Distributions keep it off the PATH of ordinary users.
const installFolders = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"];

/**
 * OpenSSH's sshd of this machine, else Debian's package unpacked into the user's cache (no root needed, nothing is installed). Throws CUT-5690
 * when there is neither: there is no stand-in for it.
 */
export async function ensureSshd(say: (line: string) => void): Promise<SshServer> {
  const candidates = [findOnPath("sshd"), ...installFolders.map((folder) => path.join(folder, "sshd"))];
  for (const program of candidates) {
    if (program === null || !isProgram(program)) continue;
    const version = await versionOf(program, {});
    if (version !== null)
      return { program, environment: {}, configuration: [], line: `sshd: ${version}, ${program}`, unpackedIn: null };
  }
  const folder = path.join(toolchainCache(), "openssh-server");
  const cached = await unpacked(folder);
  if (cached !== null) return cached;
  const evidence = [`looked on PATH and in ${installFolders.join(", ")}`];
  if (process.platform === "linux" && isProgram("/usr/bin/apt-get") && isProgram("/usr/bin/dpkg-deb")) {
    const found = await withFolderLock(`${folder}.lock`, "openssh-server", say, async () => {
      const meanwhile = await unpacked(folder);
      if (meanwhile !== null) return meanwhile;
      const problem = await withProgress("openssh-server: fetching Debian's package", 10, say, () =>
        unpackDebianPackage("openssh-server", "usr/sbin/sshd", folder),
      );
      evidence.push(...(problem ?? []));
      return unpacked(folder);
    });
    if (found !== null) return found;
  } else {
    evidence.push("this is no Debian or Ubuntu (no apt-get and dpkg-deb), so that its package cannot be fetched");
  }
  throw new CutoverError({
    code: "CUT-5690",
    verdict: "errored",
    happened: "there is no OpenSSH server (sshd) on this machine, and no stand-in for it",
    evidence,
    next: "Install OpenSSH's server (Debian: openssh-server, Fedora: openssh-server, Alpine: openssh; it need not run), then run the same command again.",
  });
}

/** The same server from a copy in another folder, for a user who may not enter our cache. */
export async function copiedTo(folder: string, server: SshServer): Promise<SshServer> {
  if (server.unpackedIn === null) return server;
  if (!isProgram(path.join(folder, "usr/sbin/sshd"))) {
    const part = await mkdtemp(`${folder}.`);
    await cp(server.unpackedIn, part, { recursive: true, verbatimSymlinks: true });
    await chmod(part, 0o755);
    // Another node of the same sandbox may have been faster.
    await rename(part, folder).catch(() => rm(part, { recursive: true }));
  }
  return { ...((await unpacked(folder)) ?? server), line: server.line };
}

async function unpacked(folder: string): Promise<SshServer | null> {
  const program = path.join(folder, "usr/sbin/sshd");
  if (!isProgram(program)) return null;
  const environment = { LD_LIBRARY_PATH: libraryFolders(folder).join(path.delimiter) };
  const version = await versionOf(program, environment);
  if (version === null) return null;
  // Newer servers are several programs, whose places are built in.
  const parts = { SshdSessionPath: "sshd-session", SshdAuthPath: "sshd-auth" };
  const configuration = Object.entries(parts).flatMap(([keyword, name]) => {
    const file = path.join(folder, "usr/lib/openssh", name);
    return isProgram(file) ? [`${keyword} ${file}`] : [];
  });
  return {
    program,
    environment,
    configuration,
    line: `sshd: ${version}, Debian's package unpacked in ${folder}`,
    unpackedIn: folder,
  };
}

/** Before 9.2 sshd has no -V, prints its usage and with that its version. */
async function versionOf(program: string, environment: Record<string, string>): Promise<string | null> {
  const options = { environment: { ...process.env, ...environment }, timeoutMilliseconds: 15_000 };
  const result = await runCommand(program, ["-V"], options).catch(() => null);
  return /OpenSSH_[\w.]+/.exec(`${result?.stdout ?? ""}\n${result?.stderr ?? ""}`)?.[0] ?? null;
}
