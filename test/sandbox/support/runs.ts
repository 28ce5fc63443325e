import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { PulumiProcess, PulumiResult } from "../../../sandbox/pulumi-process.ts";
import type { Scenario, ScenarioOptions } from "./scenario.ts";
import { openScenario } from "./scenario.ts";

/** A program that has ended, with all that it printed. */
export interface Finished {
  exitCode: number | null;
  text: string;
}

const upArguments = (scenario: Scenario) => ["up", "--stack", scenario.stack, "--yes", "--skip-preview"];

const asFinished = (result: PulumiResult): Finished => ({
  exitCode: result.exitCode,
  text: `${result.stdout}\n${result.stderr}`,
});

/** `pulumi up` to its end. */
export async function up(scenario: Scenario): Promise<Finished> {
  return asFinished(await scenario.workspace.pulumi(upArguments(scenario), { timeoutMilliseconds: 200_000 }));
}

export async function preview(scenario: Scenario, ...more: string[]): Promise<Finished> {
  return asFinished(await scenario.workspace.pulumi(["preview", "--stack", scenario.stack, ...more]));
}

/** A scenario in which the first release set is running and verified. */
export async function installedScenario(options: ScenarioOptions = {}): Promise<Scenario> {
  const scenario = await openScenario(options);
  const installed = await up(scenario);
  if (installed.exitCode !== 0) throw new Error(`the first installation failed:\n${installed.text}`);
  return scenario;
}

/** An `up` that goes on while the test acts. */
export interface RunningUp {
  process: PulumiProcess;
  /** Resolves when the engine has begun with the resource, or the whole `up` has ended. */
  reached(resource: string): Promise<"reached" | "ended before">;
  finished: Promise<Finished>;
}

export function startUp(scenario: Scenario): RunningUp {
  const waiting: { resource: string; resolve: (found: "reached" | "ended before") => void }[] = [];
  const begun = new Set<string>();
  const onLine = (line: string) => {
    const resource = /^\s*[+~]+-?\s+\S+\s+(\S+)\s+(creating|updating|replacing)/.exec(line)?.[1];
    if (resource === undefined) return;
    begun.add(resource);
    for (const waiter of waiting) if (waiter.resource === resource) waiter.resolve("reached");
  };
  const process = scenario.workspace.startPulumi(upArguments(scenario), { onLine, timeoutMilliseconds: 200_000 });
  const finished = process.result.then(asFinished);
  const reached = (resource: string) =>
    begun.has(resource)
      ? Promise.resolve<"reached">("reached")
      : Promise.race([
          new Promise<"reached" | "ended before">((resolve) => waiting.push({ resource, resolve })),
          finished.then<"ended before">(() => "ended before"),
        ]);
  return { process, reached, finished };
}

/** Starts `up`, sends the signal as soon as the engine has begun with the resource, and waits until pulumi is gone. */
export async function interruptIn(
  scenario: Scenario,
  resource: string,
  signal: NodeJS.Signals,
): Promise<"interrupted" | "ended before"> {
  const running = startUp(scenario);
  if ((await running.reached(resource)) === "ended before") {
    await running.finished;
    return "ended before";
  }
  running.process.signal(signal, { group: true });
  const { exitCode } = await running.finished;
  return exitCode === 0 ? "ended before" : "interrupted";
}

/** `npm run recover -- <stack>` in the scenario's workspace. */
export function recover(scenario: Scenario): Promise<Finished> {
  const main = join(scenario.workspace.directory, "automation", "recover-main.ts");
  const child = spawn(process.execPath, [main, scenario.stack, "--project", scenario.workspace.directory], {
    cwd: scenario.workspace.directory,
    env: scenario.workspace.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return finish(child);
}

/** `pulumi config set --secret`, with the value on stdin. */
export function setSecret(scenario: Scenario, key: string, value: string): Promise<Finished> {
  const child = spawn("pulumi", ["config", "set", "--stack", scenario.stack, "--secret", key], {
    cwd: scenario.workspace.directory,
    env: scenario.workspace.environment,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(value);
  return finish(child);
}

function finish(child: ChildProcess): Promise<Finished> {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, text }));
  });
}
