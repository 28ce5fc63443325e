import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { CutoverError } from "../../model/error.ts";
import { lastLines, runCommand } from "../process/run.ts";
import { withProgress } from "./progress.ts";

export interface GoBinary {
  name: string;
  package: string;
  buildSeconds: number;
}

/** Version of the Go on PATH, such as `1.26.8`, or null. */
export async function goVersion(): Promise<string | null> {
  const result = await runCommand("go", ["env", "GOVERSION"], { timeoutMilliseconds: 20_000 }).catch(() => null);
  return result?.exitCode === 0 ? result.stdout.trim().replace(/^go/, "") : null;
}

/**
 * Builds programs of a Go module into a folder, one after the other, leaving those that are already there: what an
 * interrupted build has finished is kept, and Go's own cache keeps the rest. Throws CUT-9001 with the compiler's last lines.
 */
export async function buildWithGo(
  moduleFolder: string,
  folder: string,
  binaries: readonly GoBinary[],
  linkerFlags: string,
  say: (line: string) => void,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const binary of binaries) {
    const target = path.join(folder, binary.name);
    if (existsSync(target)) {
      say(`${binary.name}: built before, kept`);
      continue;
    }
    const scratch = path.join(folder, `.${binary.name}.${process.pid}`);
    const flags = `-s -w ${linkerFlags}`.trim();
    const build = ["build", "-trimpath", "-ldflags", flags, "-o", scratch, binary.package];
    await withProgress(`go build ${binary.name}`, binary.buildSeconds, say, () =>
      runGo(build, moduleFolder, binary.name),
    );
    await rename(scratch, target);
  }
}

async function runGo(args: string[], moduleFolder: string, name: string): Promise<void> {
  const environment = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false", GOWORK: "off" };
  // In our own group and with our terminal's Ctrl-C: an interrupted build stops with us.
  const child = spawn("go", args, { cwd: moduleFolder, env: environment, stdio: ["ignore", "ignore", "pipe"] });
  const stopWithUs = (): void => void child.kill("SIGTERM");
  process.once("exit", stopWithUs);
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-8000)));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => process.removeListener("exit", stopWithUs));
  if (exitCode === 0) return;
  const scratch = args[args.indexOf("-o") + 1];
  if (scratch !== undefined) await rm(scratch, { force: true });
  throw new CutoverError({
    code: "CUT-9001",
    verdict: "errored",
    happened: `go build of ${name} failed`,
    evidence: lastLines(stderr, 8),
    untouched: "programs that were built before are kept",
    next: "see the lines above (a module proxy out of reach, or a Go older than go.mod asks for), then run the same command again",
  });
}
