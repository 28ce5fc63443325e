// `npm run bench -- [names] [--rounds N] [--json]`: how fast cutover is, as ratios against what people would use instead.
// It measures and prints; whether a goal is met never changes its exit code.
import { availableParallelism, loadavg, totalmem } from "node:os";
import { CutoverError, describeError, messageOf } from "../model/error.ts";
import { createSandbox } from "../sandbox/create.ts";
import { benchmarks } from "./benchmarks/index.ts";
import type { Result } from "./contract.ts";
import { jsonOf, tableOf } from "./measure/report.ts";
import { readOptions } from "./options.ts";
import { snapshotSources } from "./world/snapshot.ts";
import { openWorld } from "./world/world.ts";

// A failed `up` prints a lot; its beginning names the cause.
const mostCharacters = 4000;
const began = Date.now();
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const say = (line: string): void => print(`${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  ${line}`);

try {
  await main();
} catch (error) {
  for (const line of describeError(error)) process.stderr.write(`${line}\n`);
  process.exitCode = (error instanceof CutoverError ? error.details.exitCode : undefined) ?? 1;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), benchmarks);
  const sandbox = await createSandbox({ say, prefixes: [], factRows: 200 });
  // The clients of this process look into the sandbox's cluster too.
  process.env["KUBECONFIG"] = sandbox.kubeconfig;
  const results: Result[] = [];
  const failed: string[] = [];
  try {
    const snapshot = await snapshotSources(sandbox.directory);
    for (const benchmark of options.benchmarks) {
      say(`benchmark ${benchmark.name}, ${options.rounds} rounds, load ${loadavg()[0]?.toFixed(1) ?? "?"}`);
      const indented = (line: string): void => say(`  ${line}`);
      try {
        const open = (world = {}) => openWorld(sandbox, snapshot, world);
        results.push(...(await benchmark.run({ sandbox, rounds: options.rounds, say: indented, openWorld: open })));
      } catch (error) {
        failed.push(benchmark.name);
        for (const line of messageOf(error).slice(0, mostCharacters).split("\n")) say(`  could not measure: ${line}`);
      }
    }
  } finally {
    await sandbox.stop();
  }
  report(results, failed, sandbox.parts, options.json);
}

function report(results: readonly Result[], failed: readonly string[], parts: readonly string[], json: boolean): void {
  print("");
  for (const line of tableOf(results)) print(line);
  const notes = new Set(results.flatMap((result) => result.notes));
  if (notes.size > 0) print("");
  for (const note of notes) print(`- ${note}`);
  if (failed.length > 0) print(`\nCould not be measured: ${failed.join(", ")}`);
  if (failed.length > 0) process.exitCode = 1;
  const machine = {
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    load: loadavg(),
    node: process.version,
    parts,
  };
  if (json) print(jsonOf(results, machine, failed));
}
