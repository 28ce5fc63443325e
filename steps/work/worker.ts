import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { CutoverError, messageOf } from "../../model/error.ts";
import { judgeHolder, type Holder } from "../../model/lease.ts";
import { stepRequestSchema, type StepRequest } from "../../model/step.ts";
import { openConnections } from "../connections.ts";
import { loadStep } from "../modules.ts";
import { finishStep } from "../outcome.ts";
import { progressWriter } from "../progress.ts";
import { record } from "../record.ts";
import { watchForStop } from "../stop.ts";
import { endLeftBehind } from "./left-behind.ts";
import { leaseStore, renewalMilliseconds, type LeaseStore } from "./lease-store.ts";
import { processStart, thisMachine } from "./machine.ts";
import { workFiles, workIdVariable, writeAtomically } from "./files.ts";

/** Exit code of a worker that found another one at work. */
export const someoneElseWorks = 75;

/** The worker process: takes the lease, does the step's work, records the receipt, leaves a result, gives the lease back. */
export async function work(root: string, folder: string): Promise<number> {
  const id = process.env[workIdVariable] ?? "";
  const files = workFiles(folder, id);
  const request = stepRequestSchema.parse(JSON.parse(await readFile(files.request, "utf8")));
  const progress = progressWriter(request);
  const stop = watchForStop({
    parent: false,
    left: "What was finished before stays; partial files are removed by the next attempt.",
    next: `pulumi up --stack ${request.stack}`,
  });
  const lost = new AbortController();
  const signal = AbortSignal.any([stop.signal, lost.signal]);
  const connections = openConnections({ root, request, signal, progress });
  try {
    const lease = leaseStore(await connections.context.kubernetes(), {
      namespace: request.cluster.ledgerNamespace,
      stack: request.stack,
      service: request.service ?? request.platform,
      step: request.step,
    });
    const taken = await take(lease, holderOf(id, folder, request));
    if (taken === null) return someoneElseWorks;
    const keeping = keep(lease, taken, lost, progress);
    const module = await loadStep(request);
    const finished = await finishStep(connections.context, module.run);
    if (taken.proof !== null) finished.receipt.facts["tookOver"] = taken.proof;
    await keeping.end();
    // A worker that lost its lease leaves no receipt: whoever took it over does.
    if (!lost.signal.aborted) {
      const head = await record(connections.context, finished, stop.signal.aborted);
      await writeAtomically(files.result, JSON.stringify({ receipt: finished.receipt, lines: finished.lines, head }));
      await lease.release(keeping.version());
    }
    return finished.receipt.verdict === "passed" || finished.receipt.verdict === "skipped" ? 0 : 1;
  } finally {
    stop.release();
    await connections.close();
  }
}

interface Taken {
  holder: Holder;
  version: string;
  /** How it was proven that the worker before is dead; null when the lease was free. */
  proof: string | null;
}

async function take(lease: LeaseStore, holder: Holder): Promise<Taken | null> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const stored = await lease.read();
    const judged = judgeHolder(stored, thisMachine(), Date.now());
    if (judged.state === "alive" || judged.state === "unsure") return null;
    const version = await lease.hold(holder, { version: stored.version });
    if (version === false) {
      await sleep(50 * Math.random());
      continue;
    }
    if (judged.state === "free") return { holder, version, proof: null };
    const ended = judged.holder.host === holder.host ? await endLeftBehind(judged.holder.id) : [];
    const also = ended.length === 0 ? "" : `; ended what it left behind: ${ended.join(", ")}`;
    return { holder, version, proof: `${judged.proof}${also}` };
  }
  return null;
}

function holderOf(id: string, folder: string, request: StepRequest): Holder {
  const { host, boot, pidNamespace } = thisMachine();
  const start = processStart(process.pid) ?? "";
  return { id, host, boot, pidNamespace, pid: process.pid, processStart: start, run: request.attempt, folder };
}

/** Renews the lease until `end`. An API server that does not answer is no reason to stop a dump; a taken lease is. */
function keep(
  lease: LeaseStore,
  taken: Taken,
  lost: AbortController,
  progress: (text: string) => void,
): { end(): Promise<void>; version(): string } {
  let version = taken.version;
  let busy: Promise<void> = Promise.resolve();
  const acquiredAt = `${new Date().toISOString().slice(0, -1)}000Z`;
  const renew = async (): Promise<void> => {
    try {
      const renewed = await lease.hold(taken.holder, { version, acquiredAt });
      if (renewed !== false) {
        version = renewed;
        return;
      }
      const stored = await lease.read();
      // A renewal whose answer was lost: it is still ours, under a newer version.
      if (stored.holder?.id === taken.holder.id && stored.version !== null) version = stored.version;
      else lost.abort(lostLease(lease.name));
    } catch (error) {
      progress(`the lease ${lease.name} could not be renewed, trying again: ${messageOf(error)}`);
    }
  };
  const timer = setInterval(() => {
    busy = busy.then(renew);
  }, renewalMilliseconds);
  return {
    async end() {
      clearInterval(timer);
      await busy;
    },
    version: () => version,
  };
}

function lostLease(name: string): CutoverError {
  return new CutoverError({
    code: "CUT-5030",
    verdict: "errored",
    happened: `this worker lost its lease ${name}: another one took the work over`,
  });
}
