import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Bench, Benchmark, Result } from "../contract.ts";
import { interleave } from "../measure/interleave.ts";
import { figureOf, ratioOf, seriesOf } from "../measure/statistics.ts";
import { projectRoot } from "../../sandbox/workspace.ts";
import { lastLines, measurePulumi, mustUp, type Measured } from "../world/run-up.ts";
import type { World } from "../world/world.ts";

/** A stack in which nothing changed, beside an empty Pulumi program: `up` and `preview`. */
export const noop: Benchmark = { name: "noop", run };

async function run(bench: Bench): Promise<Result[]> {
  const world = await bench.openWorld({ settings: { release: "r2026-11" } });
  const empty = await emptyProgram(world);
  try {
    await mustUp(world);
    await mustUp(empty);
    const series = {
      noopUp: seriesOf("no-op `up`", "ms"),
      emptyUp: seriesOf("empty program, `up`", "ms"),
      noopPreview: seriesOf("no-op `preview`", "ms"),
      emptyPreview: seriesOf("empty program, `preview`", "ms"),
    };
    const memory = seriesOf("no-op `up`, peak memory", "MB");
    const cpu = seriesOf("no-op `up`, processor time", "ms");
    const emptyCpu = seriesOf("empty program, `up`, processor time", "ms");
    const emptyMemory = seriesOf("empty program, peak memory", "MB");
    await interleave(bench.rounds, [
      async () => {
        const measured = await unchanged(world, upArguments);
        series.noopUp.samples.push(measured.milliseconds);
        cpu.samples.push(measured.cpuMilliseconds);
        memory.samples.push(measured.peakBytes / 1e6);
      },
      async () => {
        const measured = await unchanged(empty, upArguments);
        series.emptyUp.samples.push(measured.milliseconds);
        emptyCpu.samples.push(measured.cpuMilliseconds);
        emptyMemory.samples.push(measured.peakBytes / 1e6);
      },
      async () => void series.noopPreview.samples.push((await unchanged(world, ["preview"])).milliseconds),
      async () => void series.emptyPreview.samples.push((await unchanged(empty, ["preview"])).milliseconds),
    ]);
    const goal = (value: number) => ({ operator: "<=" as const, value });
    return [
      ratioOf("noopOverEmptyProgram", "`up --skip-preview`", [series.noopUp, series.emptyUp], goal(1.2)),
      ratioOf("previewOverEmptyProgram", "`preview`", [series.noopPreview, series.emptyPreview], goal(1.3)),
      ratioOf(
        "noopCpuOverEmptyProgram",
        "processor time of `up`, which the machine's load hardly changes",
        [cpu, emptyCpu],
        null,
      ),
      ratioOf("noopMemoryOverEmptyProgram", "process tree of `up`", [memory, emptyMemory], null),
      figureOf("noopPeakMemory", "sum of resident memory over the process tree", memory),
    ];
  } finally {
    await world.remove();
  }
}

const upArguments = ["up", "--yes", "--skip-preview"];

async function unchanged(world: Pick<World, "workspace" | "stack">, args: readonly string[]): Promise<Measured> {
  const measured = await measurePulumi(world.workspace, [...args, "--stack", world.stack]);
  const { exitCode, stdout } = measured.result;
  if (exitCode !== 0) throw new Error(lastLines(measured.result));
  if (/\d+ (to )?(create|update|replace|delete)/.test(stdout))
    throw new Error(`not a no-op:\n${lastLines(measured.result)}`);
  return measured;
}

/** The same CLI, packages and runtime options; a program that declares nothing. */
async function emptyProgram(world: World): Promise<Pick<World, "workspace" | "stack">> {
  const directory = `${world.workspace.directory}-empty`;
  const state = `${directory}-state`;
  for (const folder of [directory, state]) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
  }
  await symlink(path.join(projectRoot, "node_modules"), path.join(directory, "node_modules"), "dir");
  await writeFile(
    path.join(directory, "package.json"),
    JSON.stringify({ name: "empty", type: "module", main: "index.js" }),
  );
  await writeFile(path.join(directory, "index.js"), "export {};\n");
  const project = { name: "empty", runtime: { name: "nodejs", options: { typescript: false } } };
  await writeFile(path.join(directory, "Pulumi.yaml"), JSON.stringify(project));
  const stack = "empty";
  const { workspace } = world;
  const environment = { PULUMI_BACKEND_URL: `file://${state}` };
  const startPulumi: typeof workspace.startPulumi = (args, options) =>
    workspace.startPulumi([...args, "--cwd", directory], { ...options, environment });
  const pulumi: typeof workspace.pulumi = (args, options) => startPulumi(args, options).result;
  const made = await pulumi(["stack", "init", "--stack", stack]);
  if (made.exitCode !== 0) throw new Error(lastLines(made));
  return { stack, workspace: { ...workspace, directory, startPulumi, pulumi } };
}
