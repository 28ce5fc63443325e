import { readdirSync } from "node:fs";
import path from "node:path";
import { CutoverError } from "../../model/error.ts";
import { lastLines, runCommand } from "../process/run.ts";
import { isProgram } from "../toolchain/on-path.ts";

const programs = ["postgres", "initdb", "pg_dump", "pg_restore", "psql"];
// Where distributions put the server, which they keep off PATH. Newest first.
const installFolders = ["/usr/lib/postgresql", "/usr/local/opt", "/opt/homebrew/opt", "/usr"];

/** Folder with server and client of one PostgreSQL, or null. */
export function findPostgres(environment: NodeJS.ProcessEnv = process.env): string | null {
  const onPath = (environment["PATH"] ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const installed = installFolders.flatMap((folder) => versionFolders(folder));
  return [...onPath, ...installed].find(isComplete) ?? null;
}

function versionFolders(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => /^(\d+|postgresql@\d+|pgsql-\d+)$/.test(name));
    return names.sort((a, b) => versionIn(b) - versionIn(a)).map((name) => path.join(folder, name, "bin"));
  } catch {
    return [];
  }
}

const versionIn = (name: string): number => Number(/\d+/.exec(name)?.[0] ?? 0);
const isComplete = (folder: string): boolean => programs.every((program) => isProgram(path.join(folder, program)));

/**
 * Finds PostgreSQL, or installs the distribution's package where we are root and apt exists. Throws CUT-9020 when neither
 * works.
 */
export async function ensurePostgres(say: (line: string) => void): Promise<string> {
  const found = findPostgres();
  if (found !== null) return found;
  const evidence = [`looked on PATH and in ${installFolders.join(", ")} for ${programs.join(", ")}`];
  if (process.getuid?.() === 0 && isProgram("/usr/bin/apt-get")) {
    say("PostgreSQL is missing: installing the distribution's package with apt-get");
    evidence.push(...(await installWithApt()));
    const installed = findPostgres();
    if (installed !== null) return installed;
  } else {
    evidence.push("not root or no apt-get, so it was not installed");
  }
  throw new CutoverError({
    code: "CUT-9020",
    verdict: "errored",
    happened: "PostgreSQL's server and client programs were not found on this machine",
    evidence,
    next: "install PostgreSQL 13 or newer (Debian and Ubuntu: apt-get install postgresql), then run the same command again",
  });
}

async function installWithApt(): Promise<string[]> {
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const options = { environment, timeoutMilliseconds: 300_000 };
  await runCommand("apt-get", ["update", "-q"], options);
  const install = ["install", "-q", "-y", "--no-install-recommends", "postgresql"];
  const result = await runCommand("apt-get", install, options);
  return result.exitCode === 0 ? [] : lastLines(result.stderr, 4);
}
