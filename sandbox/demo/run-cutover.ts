import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { CutoverError } from "../../model/error.ts";
import { projectRoot, type Workspace } from "../workspace.ts";
import { quote, say } from "./narrate.ts";

export interface CutoverOptions {
  /** The exit code that the demo expects; default 0. */
  expected?: number;
  /** Before every line, where two commands run side by side. */
  label?: string;
  /** Instead of the workspace's: another person's. */
  kubeconfig?: string;
}

// Every step is shown once, as it ends; what was said while it went on would bury it.
const blank = /^\s*$/;
const noise = [
  /^▶ /,
  /^ {4}(?!.*NOT CHECKED)/,
  // The report at the end names every database again.
  /^\S+ restore: .*(reading the backup|beside as|% restored| is kept as | becomes )/,
  // A server that is named by its address: Node says so once per process.
  /^\(node:\d+\) \[DEP0123\]/,
  /^\(Use `node --trace-deprecation/,
];

/**
 * Runs the real command line in the workspace and shows its lines as they come. Returns all that it printed. Throws CUT-9290 for an exit
 * code that was not expected.
 */
export async function runCutover(
  workspace: Workspace,
  argv: readonly string[],
  { expected = 0, label, kubeconfig }: CutoverOptions = {},
): Promise<readonly string[]> {
  const before = label === undefined ? "" : `${label.padEnd(8)}| `;
  say(`${before}$ cutover ${argv.map(shown).join(" ")}`);
  const began = Date.now();
  const child = spawn(process.execPath, [path.join(projectRoot, "bin", "cutover.cjs"), ...argv], {
    cwd: workspace.directory,
    env: {
      ...workspace.environment,
      CUTOVER_PROJECT: workspace.directory,
      ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const all: string[] = [];
  const read = (stream: NodeJS.ReadableStream, quiet: readonly RegExp[]) =>
    createInterface({ input: stream }).on("line", (line) => {
      all.push(line);
      if (![blank, ...quiet].some((pattern) => pattern.test(line))) quote(`${before}${short(line)}`);
    });
  read(child.stdout, []);
  read(child.stderr, noise);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  const remark = exitCode !== expected ? `, but ${expected} was expected` : expected === 0 ? "" : ", as it must be";
  say(`${before}exit code ${exitCode ?? "none"} after ${seconds} s${remark}`);
  if (exitCode === expected) return all;
  throw new CutoverError({
    code: "CUT-9290",
    verdict: "failed",
    happened: `cutover ${argv.join(" ")} ended with ${exitCode ?? "a signal"}, expected was ${expected}`,
    evidence: all.slice(-40),
  });
}

function shown(word: string): string {
  return /\s/.test(word) ? `"${word}"` : word;
}

function short(line: string): string {
  return line.length > 170 ? `${line.slice(0, 169)}…` : line;
}
