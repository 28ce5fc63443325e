import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../../../sandbox/workspace.ts";
import type { Finished } from "./runs.ts";
import type { Scenario } from "./scenario.ts";

/** A `cutover` that goes on while the test acts. */
export interface RunningDriver {
  child: ChildProcess;
  finished: Promise<Finished & { document: unknown }>;
}

/** Starts the real command line in the scenario's workspace, without a terminal. */
export function startDriver(scenario: Scenario, ...argv: string[]): RunningDriver {
  const child = spawn(process.execPath, [join(projectRoot, "bin", "cutover.cjs"), ...argv], {
    cwd: scenario.workspace.directory,
    env: { ...scenario.workspace.environment, CUTOVER_PROJECT: scenario.workspace.directory },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = new Promise<Finished & { document: unknown }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => {
      const document: unknown = argv.includes("--json") && stdout.trim() !== "" ? JSON.parse(stdout) : null;
      resolve({ exitCode, text: `${stdout}\n${stderr}`, document });
    });
  });
  return { child, finished };
}

/** `cutover ...` to its end. */
export function cutover(scenario: Scenario, ...argv: string[]): RunningDriver["finished"] {
  return startDriver(scenario, ...argv).finished;
}
