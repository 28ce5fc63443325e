import { createInterface } from "node:readline/promises";
import { CutoverError } from "../model/error.ts";
import type { VerbContext } from "./verb.ts";

/**
 * Asks before something that loses data; `--yes` is the answer yes. Unlike other questions it is never answered by the absence of a
 * person: without a terminal `--yes` must be given. Throws CUT-6314 (exit code 19) when the answer is no or nobody can be asked.
 */
export async function confirmLoss(context: VerbContext, question: string): Promise<void> {
  if (context.options["yes"] === true) return;
  if (!process.stdin.isTTY) throw refused("nobody can be asked, and --yes was not given", question);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} Type yes to go on: `, { signal: context.signal });
    if (answer.trim().toLowerCase() !== "yes") throw refused("not confirmed", question);
  } finally {
    terminal.close();
  }
}

function refused(happened: string, question: string): CutoverError {
  return new CutoverError({
    code: "CUT-6314",
    verdict: "failed",
    happened,
    evidence: [question],
    untouched: "Nothing was changed.",
    next: "Read what would be lost, then type the same command with --yes.",
    exitCode: 19,
  });
}
