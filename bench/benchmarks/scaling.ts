import { namespaces } from "../../clients/kubernetes-kinds.ts";
import type { Bench, Benchmark, Result, Series } from "../contract.ts";
import { interleave } from "../measure/interleave.ts";
import { exponentBetween, figureOf, median, seriesOf } from "../measure/statistics.ts";
import { watchPodWaits } from "../world/pod-waits.ts";
import { lastLines, mustUp, up } from "../world/run-up.ts";
import { stateBytes } from "../world/state-size.ts";
import {
  releaseSetName,
  serviceNames,
  syntheticStack,
  writeSyntheticPlatform,
  type SyntheticPlatform,
} from "../world/synthetic-platform.ts";
import { differences } from "../world/verified-state.ts";
import type { World } from "../world/world.ts";

/** 1, 10 and 50 services, wide and chained: what a service costs beyond the waits that nobody can shorten. */
export const scaling: Benchmark = { name: "scaling", run };

const sizes = [1, 10, 50];
type Shape = SyntheticPlatform["shape"];

/** One shape at one size. */
interface Point {
  shape: Shape;
  size: number;
  wall: Series;
  overhead: Series;
  memory: Series;
  written: Series;
  state: Series;
}

async function run(bench: Bench): Promise<Result[]> {
  const points: Point[] = [];
  for (const size of sizes) {
    const pair = (["wide", "chained"] as const).map((shape) => emptyPoint(shape, size));
    points.push(...pair);
    const worlds = await Promise.all(pair.map((point) => open(bench, point)));
    try {
      for (const world of worlds) await mustUp(world);
      const contenders = pair.flatMap((point, index) => {
        const world = worlds[index];
        return world === undefined ? [] : [(round: number) => measure(bench, world, point, round)];
      });
      await interleave(bench.rounds, contenders);
    } finally {
      for (const world of worlds) await world.remove();
    }
  }
  return (["wide", "chained"] as const).flatMap((shape) => resultsOf(shape, points));
}

function emptyPoint(shape: Shape, size: number): Point {
  const label = `${shape}, ${size} ${size === 1 ? "service" : "services"}`;
  return {
    shape,
    size,
    wall: seriesOf(`${label}: whole \`up\``, "ms"),
    overhead: seriesOf(`${label}: beyond the longest chain of waits`, "ms"),
    memory: seriesOf(`${label}: peak memory`, "MB"),
    written: seriesOf(`${label}: written by pulumi`, "kB"),
    state: seriesOf(`${label}: size of the state`, "kB"),
  };
}

async function open(bench: Bench, { shape, size }: Point): Promise<World> {
  const platform = { size, shape, releaseSets: bench.rounds + 1 };
  const world = await bench.openWorld({
    stack: syntheticStack,
    tenants: [],
    settings: { gateSettings: {}, acknowledged: [], tenants: [], release: releaseSetName(1) },
    prepareStacks: (directory) => writeSyntheticPlatform(directory, platform),
  });
  for (const name of serviceNames(size)) {
    const metadata = { name: `${world.prefix}${name}` };
    await world.kubernetes.create(namespaces, null, { apiVersion: "v1", kind: "Namespace", metadata });
  }
  return world;
}

async function measure(bench: Bench, world: World, point: Point, round: number): Promise<void> {
  await world.workspace.editStack(world.stack, { release: releaseSetName(round + 2) });
  const waits = await watchPodWaits(world.kubernetes, world.prefix);
  const measured = await up(world);
  const each = await waits.end();
  if (measured.result.exitCode !== 0) throw new Error(lastLines(measured.result));
  const wrong = await differences(world, await world.services());
  if (wrong.length > 0 || each.length < point.size) {
    bench.say(`${point.wall.label}: does not count, ${each.length} pods became Ready; ${wrong.join("; ")}`);
    return;
  }
  const chain = point.shape === "wide" ? Math.max(...each) : each.reduce((sum, wait) => sum + wait, 0);
  point.wall.samples.push(measured.milliseconds);
  point.overhead.samples.push(measured.milliseconds - chain);
  point.memory.samples.push(measured.peakBytes / 1e6);
  point.written.samples.push(measured.writtenBytes / 1e3);
  point.state.samples.push((await stateBytes(world)) / 1e3);
  bench.say(
    `${point.wall.label}: ${Math.round(measured.milliseconds)} ms, longest chain of waits ${Math.round(chain)} ms`,
  );
}

function resultsOf(shape: Shape, all: readonly Point[]): Result[] {
  const points = all.filter((point) => point.shape === shape);
  const [one, ten, fifty] = sizes.map((size) => points.find((point) => point.size === size));
  if (one === undefined || ten === undefined || fifty === undefined) return [];
  const name = shape === "wide" ? "Wide" : "Chained";
  const notes = [
    "scaling: equal services of the steps release and verify, one pod each, a namespace each; the waits are measured by a watch of the benchmark's own, from the pod's first event to Ready",
  ];
  const growth = (key: string, title: string, of: (point: Point) => Series): Result => ({
    key: `scaling${name}${key}Exponent`,
    title: `${title}, 10 to 50 services: 1 is linear`,
    value: exponentBetween([10, median(of(ten).samples)], [50, median(of(fifty).samples)]),
    unit: "exponent",
    goal: { operator: "<=", value: 1 },
    series: points.map(of),
    notes,
  });
  const perService = (key: string, title: string, of: (point: Point) => Series, unit: "ms" | "MB"): Result => {
    const cost = (median(of(fifty).samples) - median(of(one).samples)) / 49;
    const series: Series = { label: `(50 services - 1 service) / 49`, unit, samples: [cost] };
    return figureOf(`scaling${name}${key}PerService`, title, series);
  };
  return [
    growth("Overhead", "time beyond the longest chain of waits", (point) => point.overhead),
    growth("Time", "whole `up`", (point) => point.wall),
    perService("Overhead", "time that one more service costs, its wait not counted", (point) => point.overhead, "ms"),
    growth("Memory", "peak memory of the process tree", (point) => point.memory),
    perService("Memory", "memory that one more service costs", (point) => point.memory, "MB"),
    growth(
      "Written",
      "bytes written by pulumi (file backend: the whole state twice per step)",
      (point) => point.written,
    ),
    growth("State", "size of the state file", (point) => point.state),
  ];
}
