import type { PulumiResult } from "../../sandbox/pulumi-process.ts";
import type { Workspace } from "../../sandbox/workspace.ts";
import { childCpuMilliseconds } from "../measure/cpu-time.ts";
import { watchProcessTree, type Usage } from "../measure/process-tree.ts";

/** What one pulumi took. */
export interface Measured extends Usage {
  milliseconds: number;
  /** Processor time of pulumi and everything it started and waited for, in steps of 10 ms. */
  cpuMilliseconds: number;
  result: PulumiResult;
}

/** Ten minutes: a contender that hangs must not hold the others for ever. */
const timeoutMilliseconds = 600_000;

/** Runs pulumi to its end and measures it. */
export async function measurePulumi(workspace: Workspace, args: readonly string[]): Promise<Measured> {
  const cpu = childCpuMilliseconds();
  const child = workspace.startPulumi(args, { timeoutMilliseconds });
  const tree = watchProcessTree(child.pid);
  const result = await child.result;
  const cpuMilliseconds = childCpuMilliseconds() - cpu;
  return { ...tree.stop(), milliseconds: result.durationMilliseconds, cpuMilliseconds, result };
}

/** `pulumi up --skip-preview`. */
export function up(world: { workspace: Workspace; stack: string }): Promise<Measured> {
  return measurePulumi(world.workspace, ["up", "--stack", world.stack, "--yes", "--skip-preview"]);
}

/** The same, where anything but success ends the benchmark: installations and other preparation. */
export async function mustUp(world: { workspace: Workspace; stack: string }): Promise<Measured> {
  const measured = await up(world);
  if (measured.result.exitCode !== 0) throw new Error(`pulumi up failed:\n${lastLines(measured.result)}`);
  return measured;
}

/** What it said at the end. */
export function lastLines({ stdout, stderr }: PulumiResult, lines = 40): string {
  return `${stdout}\n${stderr}`
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.includes("from $PATH at"))
    .slice(-lines)
    .join("\n");
}
