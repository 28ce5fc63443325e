import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { runProcess, type ProcessResult } from "./process.ts";

/** A folder in a Git repository at one commit. */
export interface GitFolder {
  /** Checked by `gitUrlProblem`: no credentials in it. */
  url: string;
  /** Full hash. */
  commit: string;
  /** Relative to the repository; `.` for all of it. */
  folder: string;
}

/** Why a folder could not be had. `unreachable`: the repository gave nothing; `missing`: commit or folder are not in it. */
export class GitProblem extends Error {
  readonly kind: "unreachable" | "missing";
  readonly evidence: string[];
  constructor(kind: "unreachable" | "missing", message: string, evidence: string[] = []) {
    super(message);
    this.kind = kind;
    this.evidence = evidence;
  }
}

// Nothing asks a person: neither Git nor SSH nor a window of a password helper.
const quiet = {
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "",
  SSH_ASKPASS: "",
  GIT_ALLOW_PROTOCOL: "https:http:ssh:file",
  LC_ALL: "C",
};
// The tree must come out the same on every machine: no user's filters, hooks or line ends.
const isolated = { ...quiet, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", GIT_ATTR_NOSYSTEM: "1" };
const plain = ["-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "core.hooksPath=/dev/null"];

/**
 * Fetches one commit and writes its folder into `scratch`, an empty folder; returns the folder's path. For the fetch the user's own Git
 * configuration counts (credential helper, proxy), for the files it does not. Throws GitProblem, and CUT-4401 without git.
 */
export async function fetchGitFolder(source: GitFolder, scratch: string, timeoutMilliseconds: number): Promise<string> {
  const repository = join(scratch, "repository");
  await mkdir(repository, { recursive: true });
  const git = (argv: readonly string[], environment: Record<string, string>): Promise<ProcessResult> =>
    runProcess(["git", ...plain, ...argv], { cwd: repository, environment, timeoutMilliseconds });
  const { url, commit, folder } = source;
  const made = await git(["init", "--quiet", "--template="], isolated);
  if (made.exitCode !== 0) throw new GitProblem("unreachable", "git init failed", linesOf(made));
  await fetchCommit(git, url, commit);
  const tree = folder === "." ? `${commit}^{tree}` : `${commit}:${folder}`;
  const kind = await git(["cat-file", "-t", tree], isolated);
  if (kind.stdout.trim() !== "tree") throw new GitProblem("missing", `commit ${commit} has no folder ${folder}`);
  const written = await git(["checkout", "--quiet", "--force", commit, "--", folder], isolated);
  if (written.exitCode !== 0)
    throw new GitProblem("missing", `the folder ${folder} could not be read`, linesOf(written));
  return join(repository, folder);
}

async function fetchCommit(
  git: (argv: readonly string[], environment: Record<string, string>) => Promise<ProcessResult>,
  url: string,
  commit: string,
): Promise<void> {
  const own = { ...quiet, ...sshEnvironment() };
  const one = await git(["fetch", "--quiet", "--no-tags", "--depth=1", "--", url, commit], own);
  if (one.exitCode === 0) return;
  // Some servers hand out only what a branch or a tag points to.
  if (!/unadvertised object|not our ref|couldn't find remote ref/i.test(one.stderr))
    throw new GitProblem("unreachable", whyNot(one), linesOf(one));
  const all = await git(["fetch", "--quiet", "--tags", "--", url, "+refs/heads/*:refs/remotes/origin/*"], own);
  if (all.exitCode !== 0) throw new GitProblem("unreachable", whyNot(all), linesOf(all));
  const there = await git(["cat-file", "-e", `${commit}^{commit}`], isolated);
  if (there.exitCode !== 0) throw new GitProblem("missing", `the repository has no commit ${commit}`);
}

function whyNot(result: ProcessResult): string {
  return result.timedOut ? "git did not end in time" : "git could not fetch";
}

function sshEnvironment(): Record<string, string> {
  const { SSH_AUTH_SOCK: agent, GIT_SSH_COMMAND: command } = process.env;
  return {
    GIT_SSH_COMMAND: command ?? "ssh -o BatchMode=yes",
    ...(agent === undefined ? {} : { SSH_AUTH_SOCK: agent }),
  };
}

// A rewriting rule of the user (`insteadOf`) may have put credentials into the address that git shows.
function linesOf({ stderr }: ProcessResult): string[] {
  return stderr
    .split("\n")
    .map((line) => line.trim().replace(/(\w+:\/\/)[^/@\s]+@/g, "$1"))
    .filter((line) => line !== "")
    .slice(0, 8);
}
