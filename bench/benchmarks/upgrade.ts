import type { Bench, Benchmark, Result } from "../contract.ts";
import { interleave } from "../measure/interleave.ts";
import { figureOf, median, ratioOf, seriesOf } from "../measure/statistics.ts";
import { helmScriptOf, runHelmScript } from "../world/helm-script.ts";
import { keepReleasesAndPodGates } from "../world/plain-release-sets.ts";
import { lastLines, mustUp, up } from "../world/run-up.ts";
import { lagWindowSeconds } from "../world/settings.ts";
import { stepsOfLastRun } from "../world/step-times.ts";
import { differences } from "../world/verified-state.ts";
import type { World, WorldOptions } from "../world/world.ts";

const from = "r2026-08";
const to = "r2026-11";

// Without the other gates their settings would name nothing.
const plainOptions = { prepareStacks: keepReleasesAndPodGates, settings: { gateSettings: {} } };

/** The five charts from one release set to the next: gated, releases and pod gates only, and by the plain script. */
export const upgrade: Benchmark = { name: "upgrade", run };

async function run(bench: Bench): Promise<Result[]> {
  const gated = seriesOf("gated `pulumi up`", "ms");
  const withoutWindow = seriesOf("gated, without the lag gate's window", "ms");
  const plain = seriesOf("releases and pod gates", "ms");
  const plainAlone = seriesOf("the same, without preflight and finish", "ms");
  const script = seriesOf("helm upgrade script", "ms");
  const memory = seriesOf("gated `pulumi up`, peak memory", "MB");

  await interleave(bench.rounds, [
    () =>
      inWorld(bench, "gated", {}, async (world) => {
        const measured = await timedUp(world);
        const steps = await stepsOfLastRun(world.ledger);
        return () => {
          gated.samples.push(measured.milliseconds);
          withoutWindow.samples.push(measured.milliseconds - steps.lagWindowMilliseconds);
          memory.samples.push(measured.peakBytes / 1e6);
          bench.say(`gated: ${Math.round(measured.milliseconds)} ms: ${steps.summary}`);
        };
      }),
    () =>
      inWorld(bench, "plain", plainOptions, async (world) => {
        const measured = await timedUp(world);
        const steps = await stepsOfLastRun(world.ledger);
        return () => {
          plain.samples.push(measured.milliseconds);
          plainAlone.samples.push(measured.milliseconds - steps.platformMilliseconds);
          bench.say(`releases and pod gates: ${Math.round(measured.milliseconds)} ms: ${steps.summary}`);
        };
      }),
    () =>
      inWorld(bench, "helm", {}, async (world) => {
        const milliseconds = await runHelmScript(world, await helmScriptOf(world, await world.services()));
        return () => {
          script.samples.push(milliseconds);
          bench.say(`helm script: ${Math.round(milliseconds)} ms`);
        };
      }),
  ]);
  const timings =
    "upgrade: simulated applications at the sandbox's default timings (start 300 ms, first job 300 ms, 20 ms a migration chunk); Prometheus scrapes twice a second";
  const window = `upgrade: the lag gate's window is ${lagWindowSeconds} s, the least in which three scrapes show a trend; production takes minutes, which no tool could shorten`;
  const alone = median(plainAlone.samples) / median(script.samples);
  const gatedAlone = median(withoutWindow.samples) / median(script.samples);
  return [
    ratioOf("gatedOverHelmScript", `${from} to ${to}, one tenant`, [gated, script], goal(0.8), {
      series: [withoutWindow],
      notes: [
        timings,
        window,
        `upgrade: without the window the gated upgrade is ${gatedAlone.toFixed(2)} x the script`,
      ],
    }),
    ratioOf("releasesAndPodGatesOverHelmScript", `${from} to ${to}, one tenant`, [plain, script], goal(0.5), {
      series: [plainAlone],
      notes: [
        timings,
        `upgrade: preflight and finish cannot be left out of a stack; without their time releases and pod gates are ${alone.toFixed(2)} x the script`,
      ],
    }),
    figureOf("gatedPeakMemory", "sum of resident memory over the process tree", memory),
  ];
}

const goal = (value: number) => ({ operator: "<=" as const, value });

async function timedUp(world: World): ReturnType<typeof up> {
  const measured = await up(world);
  if (measured.result.exitCode !== 0) throw new Error(lastLines(measured.result));
  return measured;
}

/**
 * Installs the old release set in a fresh world, lets the contender upgrade it, and counts its time only when cluster and
 * database are in the wanted state in the very moment in which the contender says it is done.
 */
async function inWorld(
  bench: Bench,
  name: string,
  options: WorldOptions,
  contender: (world: World) => Promise<() => void>,
): Promise<void> {
  const world = await bench.openWorld({ ...options, settings: { ...options.settings, release: from } });
  try {
    if (name === "helm") await runHelmScript(world, await helmScriptOf(world, await world.services()));
    else await mustUp(world);
    await world.workspace.editStack(world.stack, { release: to });
    const count = await contender(world);
    const wrong = await differences(world, await world.services());
    if (wrong.length === 0) count();
    else bench.say(`${name}: does not count, ${wrong.join("; ")}`);
  } finally {
    await world.remove();
  }
}
