// STAND-IN for SQL Server: starts it as a process of its own, for the sandbox. Tests may also run it in their own process (server.ts).
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CutoverError } from "../../model/error.ts";
import { recordProcess } from "../process/registry.ts";
import type { SqlServer, SqlServerFault, SqlServerOptions } from "./contracts.ts";

export { startSqlServer } from "./server.ts";

const startMilliseconds = 30_000;

/** What the process prints when it listens. */
interface Announcement extends Omit<SqlServer, "faults" | "stop"> {
  control: string;
}

/**
 * Starts the stand-in in a process of its own, out of reach of the terminal's signals; it ends with this process. With
 * `sandboxDirectory` it is recorded there, so that the reaper finds it. Throws CUT-8800 when it does not start in 30 s.
 */
export async function startSqlServerProcess(
  options: SqlServerOptions & { environment?: NodeJS.ProcessEnv; sandboxDirectory?: string },
): Promise<SqlServer> {
  const { environment, sandboxDirectory, ...settings } = options;
  mkdirSync(options.folder, { recursive: true });
  const logFile = path.join(options.folder, "sql-server.log");
  const log = openSync(logFile, "a");
  const program = fileURLToPath(new URL("main.ts", import.meta.url));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program], {
    env: environment ?? process.env,
    stdio: ["pipe", "pipe", log],
    detached: true,
  });
  closeSync(log);
  const [stdin, stdout] = [child.stdin as Socket, child.stdout as Socket];
  stdin.on("error", () => undefined);
  stdin.write(`${JSON.stringify(settings)}\n`);
  const { control, ...facts } = await announcement(child, stdout, logFile);
  if (sandboxDirectory !== undefined) recordProcess(sandboxDirectory, "sql-server", child.pid ?? 0);
  // A process that waits for nothing else may end; the stand-in then ends with it.
  for (const handle of [child, stdin, stdout]) handle.unref();
  const set = (faults: readonly SqlServerFault[]): Promise<void> => putFaults(control, faults);
  return { ...facts, faults: { set, clear: () => set([]) }, stop: () => stop(child) };
}

function announcement(child: ChildProcess, stdout: Socket, logFile: string): Promise<Announcement> {
  return new Promise((resolve, reject) => {
    const fail = (happened: string): void => {
      clearTimeout(timer);
      child.kill();
      const evidence = readFileSync(logFile, "utf8").trim().split("\n").slice(-10);
      reject(
        new CutoverError({ code: "CUT-8800", verdict: "errored", happened, evidence, next: `Look into ${logFile}.` }),
      );
    };
    const timer = setTimeout(() => fail("The stand-in for SQL Server did not start within 30 s."), startMilliseconds);
    child.once("error", (error) => fail(`The stand-in for SQL Server could not be started: ${error.message}`));
    child.once("exit", (code) => fail(`The stand-in for SQL Server ended at once, exit code ${code}.`));
    createInterface({ input: stdout }).once("line", (line) => {
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve(JSON.parse(line) as Announcement);
    });
  });
}

async function putFaults(control: string, faults: readonly SqlServerFault[]): Promise<void> {
  const response = await fetch(`${control}/faults`, { method: "PUT", body: JSON.stringify(faults) });
  if (response.ok) return;
  throw new CutoverError({
    code: "CUT-8801",
    verdict: "errored",
    happened: `The stand-in for SQL Server refused the faults: HTTP ${response.status}.`,
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
