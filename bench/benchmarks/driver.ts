import type { Bench, Benchmark, Result } from "../contract.ts";
import { interleave } from "../measure/interleave.ts";
import { median, ratioOf, seriesOf } from "../measure/statistics.ts";
import { watchForFailure } from "../world/first-failure.ts";
import { mustDrive } from "../world/run-driver.ts";
import { mustUp } from "../world/run-up.ts";
import type { World, WorldOptions } from "../world/world.ts";

const from = "r2026-08";
const to = "r2026-11";
/** The tag of GSP's image in `to`. */
const gspTag = "100.0.100.3700";

/** What the driver adds to plain `pulumi up`, and how long its own work takes. */
export const driver: Benchmark = { name: "driver", run };

async function run(bench: Bench): Promise<Result[]> {
  const plain = seriesOf("plain `pulumi up`", "ms");
  const driven = seriesOf("`cutover upgrade`", "ms");
  const back = seriesOf("`cutover rollback` of all that it upgraded", "ms");
  const status = seriesOf("`cutover status`", "ms");
  const reaction = seriesOf("failing pod to the start of the rollback", "ms");
  const backAfterFailure = seriesOf("rollback of the failed service and two more", "ms");
  await interleave(bench.rounds, [
    () =>
      inWorld(bench, {}, async (world) => {
        await world.workspace.editStack(world.stack, { release: to });
        plain.samples.push((await mustUp(world)).milliseconds);
      }),
    () =>
      inWorld(bench, {}, async (world) => {
        driven.samples.push((await mustDrive(world, ["upgrade", world.stack, "--release", to])).milliseconds);
        status.samples.push((await mustDrive(world, ["status", world.stack])).milliseconds);
        back.samples.push((await mustDrive(world, ["rollback", world.stack])).milliseconds);
      }),
    () =>
      inWorld(bench, { settings: { failurePolicy: "rollback", rollbackScope: "run" } }, async (world) => {
        const { react, rest } = await failingUpgrade(world);
        reaction.samples.push(react);
        backAfterFailure.samples.push(rest);
      }),
  ]);
  const overhead = median(driven.samples) - median(plain.samples);
  const figure = (key: string, title: string, value: number, goal: number | null, series: typeof plain) => ({
    key,
    title,
    value,
    unit: "ms" as const,
    goal: goal === null ? null : ({ operator: "<=", value: goal } as const),
    series: [series],
    notes: [],
  });
  return [
    ratioOf(
      "driverOverPulumiUp",
      `${from} to ${to}, one tenant`,
      [driven, plain],
      { operator: "<=", value: 1.2 },
      {
        series: [],
        notes: [`driver: it adds ${Math.round(overhead)} ms (goal: at most 1500 ms)`],
      },
    ),
    figure("driverOverhead", "`cutover upgrade` minus plain `pulumi up`, of the medians", overhead, 1500, driven),
    figure("statusTime", "`cutover status`, from the start of its process", median(status.samples), 1000, status),
    figure("failureToRollback", reaction.label, median(reaction.samples), 10_000, reaction),
    ratioOf("rollbackOverUpgrade", "five services back, over the time of their upgrade", [back, driven], {
      operator: "<=",
      value: 1,
    }),
    figure("rollbackAfterFailure", backAfterFailure.label, median(backAfterFailure.samples), null, backAfterFailure),
  ];
}

/** GSP's new pods crash; milliseconds from the first event of that to the rollback's start, and from there to its end. */
async function failingUpgrade(world: World): Promise<{ react: number; rest: number }> {
  const { simulators } = world.sandbox;
  const namespace = (await world.services()).find((service) => service.name === "gsp")?.namespace ?? "";
  await simulators.setFaults([{ application: "gsp", namespace, imageTag: gspTag, fault: "crashLoop" }]);
  const watch = watchForFailure(world.kubernetes, namespace, ["CrashLoopBackOff"], () => undefined);
  try {
    const run = await mustDrive(world, ["upgrade", world.stack, "--release", to], 11, /rolling back/);
    const ended = performance.now();
    const seen = await watch.seen;
    if (run.markedAt === null) throw new Error("it never said that it rolls back");
    return { react: run.markedAt - seen, rest: ended - run.markedAt };
  } finally {
    await watch.end();
    await simulators.clearFaults();
  }
}

async function inWorld(bench: Bench, options: WorldOptions, contender: (world: World) => Promise<void>): Promise<void> {
  const world = await bench.openWorld({ ...options, settings: { ...options.settings, release: from } });
  try {
    await mustUp(world);
    await contender(world);
  } finally {
    await world.remove();
  }
}
