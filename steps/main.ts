import { existsSync } from "node:fs";
import { CutoverError, describeError } from "../model/error.ts";
import type { Receipt, StepRequest } from "../model/step.ts";
import { letsPass } from "../model/verdict.ts";
import { openConnections } from "./connections.ts";
import type { StepContext, StepModule } from "./context.ts";
import { loadStep, longSteps } from "./modules.ts";
import { finishStep, type Finished } from "./outcome.ts";
import { progressWriter } from "./progress.ts";
import { receiptLine } from "./receipt-line.ts";
import { readRequest } from "./request.ts";
import { keepSecret, redactText } from "./redaction.ts";
import { watchForStop } from "./stop.ts";

/**
 * Entry of every step process. Without arguments it reads a StepRequest from stdin, runs the step, records the receipt in
 * the ledger, prints it as one JSON line and ends with 0 (passed, skipped) or 1. With `work <folder>` it is the worker of
 * a long step. `root`: the project folder.
 */
export async function main({ root }: { root: string }): Promise<void> {
  const pulumiBackend = dropPulumiEnvironment();
  keepSecret(process.env["CUTOVER_DATABASE_PASSWORD"] ?? "");
  const [, , mode, folder] = process.argv;
  let exitCode = 1;
  try {
    if (mode === "work" && folder !== undefined) {
      const { work } = await import("./work/worker.ts");
      exitCode = await work(root, folder);
    } else {
      exitCode = await step(root, await readRequest(process.stdin), pulumiBackend);
    }
  } catch (error) {
    printLines(describeError(error));
    if ((process.env["CUTOVER_DEBUG"] ?? "") !== "" && error instanceof Error) printLines([error.stack ?? ""]);
  }
  // Kept-alive connections would hold the process for seconds.
  process.exit(exitCode);
}

async function step(root: string, request: StepRequest, pulumiBackend: string | null): Promise<number> {
  const long = longSteps.has(request.step);
  const stop = watchForStop({
    parent: true,
    left: long
      ? "Work that was under way goes on in a worker of its own; the next attempt joins it."
      : "This step was not finished; steps before it stay finished.",
    next: `pulumi up --stack ${request.stack}`,
  });
  const progress = progressWriter(request);
  const connections = openConnections({ root, request, pulumiBackend, signal: stop.signal, progress });
  try {
    const finished = long ? await runLong(connections.context) : await runShort(connections.context);
    if (finished.lines.length > 0) printLines(finished.lines);
    await print(finished.receipt);
    if (!letsPass(finished.receipt.verdict)) return 1;
    return stopsHere(request) ? 1 : 0;
  } finally {
    stop.release();
    await connections.close();
  }
}

/** The driver was asked to stop after the step that runs: pulumi stops at a step that does not end well, and goes on with it next time. */
function stopsHere(request: StepRequest): boolean {
  const flag = process.env["CUTOVER_STOP_FILE"];
  if (flag === undefined || request.step === "finish" || !existsSync(flag)) return false;
  printLines(["stopped after this step, as asked; its receipt is in the ledger"]);
  return true;
}

async function runShort(context: StepContext): Promise<Finished> {
  const finished = await finishStep(context, async (own) => (await loadStep(own.request)).run(own));
  await recordIn(context, finished);
  return finished;
}

/** Joins a living worker, else does it here when that is quick, else starts a worker. */
async function runLong(context: StepContext): Promise<Finished> {
  const { runInWorker } = await import("./work/run-in-worker.ts");
  const module = await loadStep(context.request);
  try {
    const joined = await runInWorker(context, () => quickly(context, module));
    if (joined.worker) return await adopt(context, joined.result.receipt, joined.result.lines);
    await recordIn(context, joined.finished);
    return joined.finished;
  } catch (error) {
    const failed = await finishStep(context, () => Promise.reject(asError(error)));
    // A caller that has to stop judged nothing: the worker records the receipt itself.
    if (!context.signal.aborted) await recordIn(context, failed);
    return failed;
  }
}

/** What the step can finish without a worker; null when it cannot. */
async function quickly(context: StepContext, module: StepModule): Promise<Finished | null> {
  const { quick } = module;
  if (quick === undefined) return null;
  let needsWorker = false;
  const finished = await finishStep(context, async (own) => {
    const outcome = await quick(own);
    needsWorker = outcome === null;
    return outcome ?? { verdict: "notRun", summary: "needs a worker" };
  });
  return needsWorker ? null : finished;
}

/** The worker's receipt counts for this attempt too; it was recorded under the attempt that started the worker. */
async function adopt(context: StepContext, receipt: Receipt, lines: string[]): Promise<Finished> {
  const exitCode = letsPass(receipt.verdict) ? 0 : 1;
  if (receipt.attempt === context.request.attempt) return { receipt, close: undefined, lines, exitCode };
  const facts = { ...receipt.facts, workedInAttempt: receipt.attempt };
  const adopted: Finished = {
    receipt: { ...receipt, facts, attempt: context.request.attempt, reused: true },
    close: undefined,
    lines,
    exitCode,
  };
  await recordIn(context, adopted);
  return adopted;
}

async function recordIn(context: StepContext, finished: Finished): Promise<void> {
  const { record } = await import("./record.ts");
  const head = await record(context, finished, context.signal.aborted);
  if (finished.close !== undefined && head !== "") finished.receipt.facts["ledgerHead"] = head;
}

function asError(error: unknown): Error {
  return error instanceof Error
    ? error
    : new CutoverError({ code: "CUT-5023", verdict: "errored", happened: String(error) });
}

function printLines(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${redactText(line)}\n`);
}

function print(receipt: Receipt): Promise<void> {
  return new Promise((resolve) => process.stdout.write(receiptLine(receipt), () => resolve()));
}

/** Takes PULUMI_* out of the environment, so that no child process sees the passphrase; returns the backend's address. */
function dropPulumiEnvironment(): string | null {
  const backend = process.env["PULUMI_BACKEND_URL"] ?? null;
  for (const name of Object.keys(process.env)) if (name.startsWith("PULUMI_")) delete process.env[name];
  return backend;
}
