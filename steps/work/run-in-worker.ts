import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { summarize } from "../../model/ledger-summary.ts";
import { CutoverError } from "../../model/error.ts";
import { judgeHolder, type Holder } from "../../model/lease.ts";
import type { Receipt } from "../../model/step.ts";
import type { StepContext } from "../context.ts";
import type { Finished } from "../outcome.ts";
import {
  isReadable,
  lastLogLines,
  readResult,
  workFiles,
  workFolder,
  workIdVariable,
  writeAtomically,
  type WorkFiles,
  type WorkResult,
} from "./files.ts";
import { followLog } from "./follow-log.ts";
import { leaseStore, type LeaseStore } from "./lease-store.ts";
import { processStart, thisMachine } from "./machine.ts";
import { someoneElseWorks } from "./worker.ts";

const glanceMilliseconds = 50;
const remoteGlanceMilliseconds = 2_000;
const mostTakeovers = 5;

/** How the caller got its result: from a worker, or done here without one. */
export type Joined = { worker: true; result: WorkResult } | { worker: false; finished: Finished };

/**
 * Makes sure that exactly one worker does the step's work and waits for its result, showing its log. A living worker is
 * joined; a dead one's lease is taken over by the next. `quick` is tried first while nobody is at work. Rejects with the signal's reason when this process has to stop:
 * the worker goes on. Throws CUT-5031 when the worker ends without a result.
 */
export async function runInWorker(context: StepContext, quick: () => Promise<Finished | null>): Promise<Joined> {
  const lease = leaseStore(await context.kubernetes(), {
    namespace: context.request.cluster.ledgerNamespace,
    stack: context.request.stack,
    service: context.request.service ?? context.request.platform,
    step: context.request.step,
  });
  for (let takeover = 0; takeover < mostTakeovers; takeover += 1) {
    const judged = judgeHolder(await lease.read(), thisMachine(), Date.now());
    if (judged.state === "alive" || judged.state === "unsure") {
      const local = judged.state === "alive" && judged.local && (await isReadable(judged.holder.folder));
      const result = local ? await follow(context, judged.holder) : await awaitRemote(context, lease, judged.holder);
      if (result !== null) return { worker: true, result };
      continue;
    }
    const finished = await quick();
    if (finished !== null) return { worker: false, finished };
    const result = await startWorker(context);
    if (result !== null) return { worker: true, result };
  }
  throw new CutoverError({
    code: "CUT-5032",
    verdict: "errored",
    happened: `no worker could be started or joined for ${lease.name} in ${mostTakeovers} tries`,
    next: `pulumi up --stack ${context.request.stack}`,
  });
}

/** Follows a living worker on this machine; null when it died without a result. */
async function follow(context: StepContext, holder: Holder): Promise<WorkResult | null> {
  context.progress(`joined the worker that attempt ${holder.run} started (pid ${holder.pid})`);
  const files = workFiles(holder.folder, holder.id);
  return waitForResult(context, files, () => processStart(holder.pid) === holder.processStart);
}

async function startWorker(context: StepContext): Promise<WorkResult | null> {
  const id = randomBytes(8).toString("hex");
  const files = workFiles(workFolder(context.root, context.request), id);
  await mkdir(files.folder, { recursive: true });
  await writeAtomically(files.request, JSON.stringify(context.request));
  const child = await spawnDetached(context.root, files, id);
  let exit: number | null = null;
  child.once("exit", (code) => (exit = code ?? 1));
  const result = await waitForResult(context, files, () => exit === null);
  if (result !== null || exit === someoneElseWorks) return result;
  throw new CutoverError({
    code: "CUT-5031",
    verdict: "errored",
    happened: `the worker of ${context.request.service ?? context.request.platform} ${context.request.step} ended without a result`,
    evidence: await lastLogLines(files, 10),
    untouched: "Finished work of earlier attempts stays.",
    next: `pulumi up --stack ${context.request.stack}`,
  });
}

/** Same Node, same entry file, session of its own; output to a file, since an inherited pipe would hold pulumi. */
async function spawnDetached(root: string, files: WorkFiles, id: string): Promise<ChildProcess> {
  const script = process.argv[1];
  if (script === undefined) throw new Error("this process has no script to start a worker with");
  const log = await open(files.log, "a", 0o600);
  try {
    const child = spawn(process.execPath, [...process.execArgv, script, "work", files.folder], {
      cwd: root,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      env: { ...process.env, [workIdVariable]: id },
    });
    child.on("error", () => child.emit("exit", 1));
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

async function waitForResult(context: StepContext, files: WorkFiles, lives: () => boolean): Promise<WorkResult | null> {
  const log = followLog(files.log, (line) => process.stderr.write(`${line}\n`));
  try {
    for (;;) {
      // Asked before the result is looked for: a worker may write its result and end in between.
      const lived = lives();
      const result = await readResult(files);
      if (result !== null || !lived) return result;
      await log.read();
      await sleep(glanceMilliseconds, undefined, { signal: context.signal });
    }
  } catch (error) {
    if (!context.signal.aborted) throw error;
    throw context.signal.reason;
  } finally {
    await log.read();
  }
}

/** A worker on another machine: its files can't be read, but its lease and its receipt can. */
async function awaitRemote(context: StepContext, lease: LeaseStore, holder: Holder): Promise<WorkResult | null> {
  context.progress(`waiting for the worker of attempt ${holder.run} on ${holder.host} (pid ${holder.pid})`);
  for (;;) {
    const stored = await lease.read();
    const judged = judgeHolder(stored, thisMachine(), Date.now());
    if (judged.state === "dead") return null;
    if (stored.holder?.id !== holder.id) break;
    try {
      await sleep(remoteGlanceMilliseconds, undefined, { signal: context.signal });
    } catch {
      throw context.signal.reason;
    }
  }
  const summary = summarize(await (await context.ledger()).pages());
  const receipt = summary.openRun?.receipts.findLast((candidate) => isOf(candidate, context, holder));
  return receipt === undefined ? null : { receipt, lines: [receipt.summary, ...receipt.evidence], head: summary.head };
}

function isOf(receipt: Receipt, context: StepContext, holder: Holder): boolean {
  const { service, step } = context.request;
  return receipt.service === service && receipt.step === step && receipt.attempt === holder.run;
}
