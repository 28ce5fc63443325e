import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Bench, Benchmark, Result, Series } from "../contract.ts";
import type { Fault } from "../../sandbox/contracts.ts";
import { nearestRank, seriesOf } from "../measure/statistics.ts";
import { watchForFailure } from "../world/first-failure.ts";
import { lastLines, mustUp } from "../world/run-up.ts";
import type { World } from "../world/world.ts";

/** From the moment in which the API server shows that a pod cannot work to the end of `pulumi up`. */
export const failureToEnd: Benchmark = { name: "failureToEnd", run };

// A p99 of fewer says nothing.
const occurrencesOfEach = 10;
const service = "gca-t100";

interface Kind {
  fault: "crashLoop" | "imagePullError";
  reasons: string[];
  series: Series;
}

async function run(bench: Bench): Promise<Result[]> {
  const absent = { gim: "absent", "gim-monitoring": "absent", gsp: "absent", "gca-monitoring": "absent" };
  const world = await bench.openWorld({ settings: { release: "r2026-11", pins: absent } });
  const kinds: Kind[] = [
    { fault: "crashLoop", reasons: ["CrashLoopBackOff"], series: seriesOf("crash loop", "ms") },
    {
      fault: "imagePullError",
      reasons: ["ErrImagePull", "ImagePullBackOff"],
      series: seriesOf("image pull error", "ms"),
    },
  ];
  try {
    await mustUp(world);
    for (let round = 0; round < Math.max(occurrencesOfEach, bench.rounds); round += 1) {
      for (const kind of kinds) {
        const milliseconds = await occurrence(world, kind, `${kind.fault}-${round}`);
        kind.series.samples.push(milliseconds);
        bench.say(`${kind.series.label}: ${Math.round(milliseconds)} ms`);
        await bench.sandbox.simulators.clearFaults();
        await mustUp(world);
      }
    }
  } finally {
    await bench.sandbox.simulators.clearFaults();
    await world.remove();
  }
  const all = kinds.flatMap((kind) => kind.series.samples);
  const series = kinds.map((kind) => kind.series);
  const title = "API server shows crash loop or image pull error, to the end of `pulumi up`";
  const note = `failureToEnd: ${all.length} occurrences; the first pod event that shows the waiting reason, received by a watch of the benchmark's own`;
  const figure = (key: string, p: number) => ({
    key,
    title,
    value: nearestRank(all, p),
    unit: "ms" as const,
    notes: [note],
  });
  return [
    { ...figure("failureToEndP50", 0.5), goal: null, series: [] },
    { ...figure("failureToEndP99", 0.99), goal: { operator: "<=", value: 2000 }, series },
  ];
}

/** Rolls out a change whose pod fails, and returns the milliseconds from the failure's first event to pulumi's end. */
async function occurrence(world: World, kind: Kind, name: string): Promise<number> {
  const { simulators } = world.sandbox;
  const [namespace] = (await world.services()).map((entry) => entry.namespace);
  if (namespace === undefined) throw new Error(`${service} is not part of the stack`);
  const fault: Fault = { application: "gca", namespace, release: service, fault: kind.fault };
  await changeValues(world, name);
  // A running pod can crash too, so that fault waits for the new pod; an image can be missing from the start.
  const early = kind.fault === "imagePullError";
  if (early) await simulators.setFaults([fault]);
  let setting: Promise<void> = Promise.resolve();
  const onNewPod = (): void => {
    if (!early) setting = simulators.setFaults([fault]);
  };
  const watch = watchForFailure(world.kubernetes, namespace, kind.reasons, onNewPod);
  const child = world.workspace.startPulumi(["up", "--stack", world.stack, "--yes", "--skip-preview"], {
    timeoutMilliseconds: 120_000,
  });
  const ended = child.result.then((result) => ({ result, at: performance.now() }));
  try {
    const first = await Promise.race([watch.seen, ended]);
    const { result, at } = await ended;
    await setting;
    if (typeof first !== "number") throw new Error(`pulumi ended before the pod failed:\n${lastLines(result)}`);
    if (result.exitCode === 0) throw new Error(`pulumi did not notice the ${kind.series.label}`);
    return at - first;
  } finally {
    await watch.end();
  }
}

/** A change that needs a new pod: another memory request. */
async function changeValues(world: World, name: string): Promise<void> {
  const folder = path.join(world.workspace.directory, "stacks", "infomart", "values", world.stack);
  await mkdir(folder, { recursive: true });
  changes += 1;
  const values = { resources: { requests: { cpu: "50m", memory: `${128 + changes}Mi` } } };
  await writeFile(path.join(folder, "gca.yaml"), `# ${name}\n${JSON.stringify(values)}\n`);
}
let changes = 0;
