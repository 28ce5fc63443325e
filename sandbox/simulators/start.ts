import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CutoverError } from "../../model/error.ts";
import type { Fault, SandboxDatabase, SimulatorControl } from "../contracts.ts";
import { defaultTimings, type SimulatorSettings, type Timings } from "./settings.ts";

/** What the simulators need. */
export interface SimulatorOptions {
  /** Folder for their log `simulators.log` and the pods' logs. */
  directory: string;
  kubeconfig: string;
  environment: Record<string, string>;
  /** Unused today: the simulated GIM logs in by the Secret that its pod names, like the real one. */
  database?: SandboxDatabase;
  /** Milliseconds; what is absent takes the fast default. */
  timings?: Partial<Timings>;
  say?: (line: string) => void;
}

const startMilliseconds = 30_000;

/**
 * Starts the simulators in a process of their own, out of reach of the terminal's signals; it ends with this process.
 * Resolves when it has seen the cluster's pods and listens; throws CUT-9310 when it ends or says nothing for 30 s.
 */
export async function startSimulators(
  options: SimulatorOptions,
): Promise<SimulatorControl & { stop(): Promise<void> }> {
  mkdirSync(options.directory, { recursive: true });
  const logFile = join(options.directory, "simulators.log");
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url))], {
    env: options.environment,
    stdio: ["pipe", "pipe", log],
    detached: true,
  });
  closeSync(log);
  const stdin = child.stdin as Socket;
  const stdout = child.stdout as Socket;
  const settings: SimulatorSettings = {
    directory: options.directory,
    kubeconfig: options.kubeconfig,
    timings: { ...defaultTimings, ...options.timings },
  };
  stdin.on("error", () => undefined);
  stdin.write(`${JSON.stringify(settings)}\n`);
  const url = await firstAddress(child, stdout, logFile);
  // A process that waits for nothing else may end; the simulators then end with it.
  for (const handle of [child, stdin, stdout]) handle.unref();
  options.say?.(`simulators of GIM, GSP, GCA and Redpoint at ${url}`);
  const setFaults = (faults: readonly Fault[]): Promise<void> => putFaults(url, faults);
  return { url, setFaults, clearFaults: () => setFaults([]), stop: () => stop(child) };
}

async function firstAddress(child: ChildProcess, stdout: Socket, logFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (happened: string): void => {
      clearTimeout(timer);
      child.kill();
      const evidence = readFileSync(logFile, "utf8").trim().split("\n").slice(-10);
      reject(
        new CutoverError({ code: "CUT-9310", verdict: "errored", happened, evidence, next: `Look into ${logFile}.` }),
      );
    };
    const timer = setTimeout(() => fail("The simulators did not start within 30 s."), startMilliseconds);
    child.once("error", (error) => fail(`The simulators could not be started: ${error.message}`));
    child.once("exit", (code) => fail(`The simulators ended at once, exit code ${code}.`));
    createInterface({ input: stdout }).once("line", (line) => {
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve((JSON.parse(line) as { url: string }).url);
    });
  });
}

async function putFaults(url: string, faults: readonly Fault[]): Promise<void> {
  const response = await fetch(`${url}/faults`, { method: "PUT", body: JSON.stringify(faults) });
  if (response.ok) return;
  throw new CutoverError({
    code: "CUT-9311",
    verdict: "errored",
    happened: `The simulators refused the faults: HTTP ${response.status}.`,
    evidence: [await response.text()],
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.stdin?.end();
  child.kill("SIGTERM");
  await ended;
}
