import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { StepRequest } from "../../model/step.ts";
import { runCommand } from "../../sandbox/process/run.ts";
import { openConnections } from "../../steps/connections.ts";
import { dumpDatabase } from "../../steps/database/pg-dump.ts";
import { toolLogin } from "../../steps/database/pg-tools.ts";
import type { Bench, Benchmark, Result } from "../contract.ts";
import { interleave } from "../measure/interleave.ts";
import { figureOf, ratioOf, seriesOf } from "../measure/statistics.ts";
import type { World } from "../world/world.ts";

/** The backup step's dump beside `pg_dump` alone, and what reading the dump back costs. */
export const backup: Benchmark = { name: "backup", run };

const factRows = 1_000_000;
const jobs = 2;

async function run(bench: Bench): Promise<Result[]> {
  bench.say(`making a database with ${factRows} rows in each big fact`);
  const world = await bench.openWorld({ factRows });
  // The step and pg_dump alone both take pg_dump from the PATH: the sandbox server's own version.
  const before = process.env["PATH"];
  process.env["PATH"] = [world.sandbox.database.binaries, before].join(path.delimiter);
  try {
    const step = seriesOf("backup step, dump", "MB/s");
    const alone = seriesOf(`pg_dump -Fd -j ${jobs}`, "MB/s");
    const verification = seriesOf("full read and sha256 of the dump", "MB/s");
    const share = seriesOf("dump and verification together", "ms");
    // The first read of the tables comes from the disk.
    await aloneRound(world, -1);
    await stepRound(world, -1);
    await interleave(bench.rounds, [
      async (round) => {
        const { dump, verify, bytes } = await stepRound(world, round);
        step.samples.push(bytes / 1000 / dump);
        verification.samples.push(bytes / 1000 / verify);
        share.samples.push(dump + verify);
        bench.say(
          `step: dump ${Math.round(dump)} ms, read back ${Math.round(verify)} ms, ${Math.round(bytes / 1e6)} MB`,
        );
      },
      async (round) => {
        const { milliseconds, bytes } = await aloneRound(world, round);
        alone.samples.push(bytes / 1000 / milliseconds);
        bench.say(`pg_dump alone: ${Math.round(milliseconds)} ms, ${Math.round(bytes / 1e6)} MB`);
      },
    ]);
    const note =
      "backup: throughput in bytes of the finished dump; the step's time begins with the step and ends when the read-back begins, so its checks of space, version and login count";
    const goal = { operator: ">=" as const, value: 0.9 };
    return [
      ratioOf("backupOverPgDump", `${factRows} rows in each big fact`, [step, alone], goal, { notes: [note] }),
      figureOf("backupVerification", "`pg_restore` of everything to nowhere, and sha256, side by side", verification),
      figureOf("backupStepTime", "the whole step", share),
    ];
  } finally {
    process.env["PATH"] = before;
    await world.remove();
  }
}

async function stepRound(world: World, round: number): Promise<{ dump: number; verify: number; bytes: number }> {
  const [gim] = await world.services();
  if (gim === undefined || gim.database === null) throw new Error("the stack has no service with a database");
  const root = world.workspace.directory;
  let readBackBegan = NaN;
  const connections = openConnections({
    root,
    request: requestOf(world, gim.name, round),
    signal: new AbortController().signal,
    progress: (text) => {
      if (text.startsWith("reading the dump back")) readBackBegan = performance.now();
    },
  });
  const began = performance.now();
  try {
    const input = { service: gim.name, database: gim.database, folder: "backups", jobs };
    const outcome = await dumpDatabase(connections.context, input);
    const ended = performance.now();
    if (outcome.verdict !== "passed") throw new Error(outcome.summary);
    const made = outcome.facts?.["folder"];
    if (typeof made !== "string") throw new Error("the backup step names no folder");
    const folder = path.join(root, made);
    const bytes = await folderBytes(folder);
    await rm(folder, { recursive: true });
    return { dump: readBackBegan - began, verify: ended - readBackBegan, bytes };
  } finally {
    await connections.close();
  }
}

function requestOf(world: World, service: string, round: number): StepRequest {
  const { stack, prefix } = world;
  const target = { releaseSet: "bench", digest: "bench" };
  const cluster = { ledgerNamespace: `${prefix}cutover` };
  const common = { stack, platform: "infomart", environment: "dev", cluster, spec: {} };
  return { ...common, step: "backup", service, attempt: `${round + 1}.1`, target };
}

async function aloneRound(world: World, round: number): Promise<{ milliseconds: number; bytes: number }> {
  const [gim] = await world.services();
  if (gim === undefined || gim.database === null) throw new Error("the stack has no service with a database");
  const folder = path.join(world.workspace.directory, `pg-dump-alone-${round}`);
  const connections = openConnections({
    root: world.workspace.directory,
    request: requestOf(world, gim.name, round),
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  const login = await toolLogin(await connections.context.credentials(gim.database), "cutover-bench");
  try {
    const began = performance.now();
    const args = ["--format=directory", `--jobs=${jobs}`, "--no-password", `--file=${folder}`];
    const result = await runCommand("pg_dump", args, { environment: { ...process.env, ...login.environment } });
    const milliseconds = performance.now() - began;
    if (result.exitCode !== 0) throw new Error(`pg_dump failed: ${result.stderr}`);
    return { milliseconds, bytes: await folderBytes(folder) };
  } finally {
    await login.remove();
    await connections.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function folderBytes(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(path.join(folder, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
