import { spawn } from "node:child_process";
import type { StepRequest } from "../../model/step.ts";
import type { Bench, Benchmark, Result, Series } from "../contract.ts";
import { childCpuMilliseconds } from "../measure/cpu-time.ts";
import { interleave } from "../measure/interleave.ts";
import { figureOf, median, seriesOf } from "../measure/statistics.ts";
import type { World } from "../world/world.ts";

/** Every step is a process of its own: how long until its code is there, beside Node alone. */
export const stepStart: Benchmark = { name: "stepStart", run };

// A start takes a tenth of a second: more rounds cost nothing and tell more.
const startsPerRound = 4;

/** A way to start Node. */
interface Start {
  args: string[];
  stdin: string;
  elapsed: Series;
  cpu: Series;
}

async function run(bench: Bench): Promise<Result[]> {
  const world = await bench.openWorld();
  try {
    const bootstrap = ["steps/bootstrap.cjs"];
    const node = startOf("`node -e 0`", ["-e", "0"], "");
    const refused = startOf("step that refuses its request", bootstrap, "");
    const whole = startOf("check step up to the ledger's answer", bootstrap, JSON.stringify(requestOf(world)));
    const all = [node, refused, whole];
    // The first start builds, the second fills Node's compile cache.
    for (const one of [...all, ...all]) await start(world, one);
    await interleave(
      bench.rounds * startsPerRound,
      all.map((one) => () => measure(world, one)),
    );
    const own = (series: "elapsed" | "cpu"): number => median(refused[series].samples) - median(node[series].samples);
    const notes = [
      `stepStart: of the median, ${Math.round(own("elapsed"))} ms are cutover's own imports (${Math.round(own("cpu"))} ms of processor time), the rest is Node`,
      "stepStart: the refused request loads the runner and the request's schema; the check step also the clients of cluster and ledger, and reads the ledger",
    ];
    const goal = { operator: "<=" as const, value: 120 };
    const figure = figureOf("stepStart", "Node and the step runner's imports", refused.elapsed, goal, notes);
    const series = [refused, whole, node].map((one) => one.elapsed);
    const cpu = figureOf("stepStartCpu", "the same in processor time, in steps of 10 ms", refused.cpu);
    return [
      { ...figure, series },
      { ...cpu, series: [refused, whole, node].map((one) => one.cpu) },
    ];
  } finally {
    await world.remove();
  }
}

function startOf(label: string, args: string[], stdin: string): Start {
  return { args, stdin, elapsed: seriesOf(label, "ms"), cpu: seriesOf(`${label}, processor time`, "ms") };
}

async function measure(world: World, one: Start): Promise<void> {
  const cpu = childCpuMilliseconds();
  one.elapsed.samples.push(await start(world, one));
  one.cpu.samples.push(childCpuMilliseconds() - cpu);
}

/** Milliseconds until the process has ended. */
async function start(world: World, { args, stdin }: Start): Promise<number> {
  const { directory, environment } = world.workspace;
  const began = performance.now();
  const child = spawn("node", args, {
    cwd: directory,
    env: environment,
    stdio: ["pipe", "ignore", "pipe"],
  });
  child.stdin.end(stdin);
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const milliseconds = performance.now() - began;
  // No request, or one of a run that never began: the step ends by itself as soon as it knows.
  const expected = exitCode === 0 || stderr.includes(stdin === "" ? "CUT-5024" : "CUT-5012");
  if (!expected) throw new Error(`node ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
  return milliseconds;
}

function requestOf(world: World): StepRequest {
  const service = {
    name: "gsp",
    role: "gsp",
    tenant: null,
    namespace: "gsp",
    helmRelease: "gsp",
    releaseSet: "r2026-11",
    digest: "bench",
    image: null,
    schemaClass: "any",
  };
  return {
    stack: world.stack,
    platform: "infomart",
    environment: "dev",
    step: "check",
    service: "gsp",
    attempt: "1.1",
    target: { releaseSet: "r2026-11", digest: "bench" },
    cluster: { ledgerNamespace: "cutover" },
    spec: { service, others: [] },
  };
}
