import { spawn } from "node:child_process";
import path from "node:path";
import { projectRoot } from "../../sandbox/workspace.ts";
import type { World } from "./world.ts";

/** How one `cutover` ended. */
export interface DriverRun {
  exitCode: number | null;
  milliseconds: number;
  text: string;
  /** `performance.now()` of the first line that matched `mark`; null: none did. */
  markedAt: number | null;
}

/** Runs the real command line in a world, as a script would; a `mark` is looked for in what it says. */
export function runDriver(world: World, argv: readonly string[], mark?: RegExp): Promise<DriverRun> {
  const began = performance.now();
  const child = spawn(process.execPath, [path.join(projectRoot, "bin", "cutover.cjs"), ...argv], {
    cwd: world.workspace.directory,
    env: { ...world.workspace.environment, CUTOVER_PROJECT: world.workspace.directory },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  let markedAt: number | null = null;
  const read = (chunk: Buffer): void => {
    text += chunk.toString();
    if (mark !== undefined && markedAt === null && mark.test(text)) markedAt = performance.now();
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, milliseconds: performance.now() - began, text, markedAt }));
  });
}

/** The same, where anything but the wanted exit code ends the benchmark. */
export async function mustDrive(world: World, argv: readonly string[], wanted = 0, mark?: RegExp): Promise<DriverRun> {
  const run = await runDriver(world, argv, mark);
  if (run.exitCode === wanted) return run;
  throw new Error(`cutover ${argv.join(" ")} ended with ${run.exitCode ?? "a signal"}:\n${run.text.slice(-3000)}`);
}
