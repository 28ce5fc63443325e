import { runProcess } from "../clients/process.ts";
import { CutoverError } from "../model/error.ts";

/** Runs a pulumi command on the stack and returns its stdout. Throws CUT-6010 (exit code 20) when it fails. */
export type Pulumi = (argv: readonly string[], input?: string) => Promise<string>;

const patienceMilliseconds = 300_000;
const mostOutput = 256 * 1024 * 1024;

/** The pulumi CLI for one stack, started in the project folder with the whole environment: it needs its passphrase. */
export function openPulumi(root: string, stack: string): Pulumi {
  const environment: Record<string, string> = { PULUMI_SKIP_UPDATE_CHECK: "true" };
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) environment[name] = value;
  return async (argv, input) => {
    const command = ["pulumi", ...argv, "--stack", stack, "--non-interactive", "--color", "never"];
    const result = await runProcess(command, {
      cwd: root,
      environment,
      timeoutMilliseconds: patienceMilliseconds,
      maxOutputBytes: mostOutput,
      ...(input === undefined ? {} : { input }),
    });
    if (result.exitCode === 0) return result.stdout;
    throw new CutoverError({
      code: "CUT-6010",
      verdict: "errored",
      happened: `pulumi ${argv[0]} failed (${result.exitCode ?? result.endedBy})`,
      evidence: `${result.stderr}\n${result.stdout}`
        .split("\n")
        .filter((line) => line.trim() !== "")
        .slice(0, 8),
      next: "Remove the cause named above and run recover again; what it did so far stays.",
      exitCode: 20,
    });
  };
}
