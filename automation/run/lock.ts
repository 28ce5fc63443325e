import { randomUUID } from "node:crypto";
import type { Kubernetes } from "../../clients/contracts.ts";
import { CutoverError } from "../../model/error.ts";
import { judgeHolder, type Holder } from "../../model/lease.ts";
import { renewalMilliseconds, runLock, type LeaseStore } from "../../steps/work/lease-store.ts";
import { thisMachine } from "../../steps/work/machine.ts";

/** The lock of a stack while it is held. */
export interface HeldLock {
  /** Handed to the run's steps (CUTOVER_RUN_LOCK), so that preflight knows its own driver. */
  id: string;
  /** What proved the owner before us dead; null: there was none. */
  tookOver: { proof: string; holder: Holder } | null;
  /** Keeps the process id of the pulumi that runs now in the lock: whoever takes it over from a dead driver waits for that one. */
  setChild(pid: number | null): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the lock of a stack (a coordination.k8s.io Lease) and renews it. A dead owner's lock is taken over only with proof.
 * Throws CUT-6120 (exit code 14) with the owner when someone else holds it. `onLost`: someone else has taken it meanwhile, because
 * it was not renewed for too long (a suspended machine, a cut network).
 */
export async function takeRunLock(
  kubernetes: Kubernetes,
  lock: { namespace: string; stack: string },
  purpose: string,
  onLost: () => void,
): Promise<HeldLock> {
  const machine = thisMachine();
  const store = runLock(kubernetes, lock);
  const holder: Holder = {
    id: randomUUID(),
    host: machine.host,
    boot: machine.boot,
    pidNamespace: machine.pidNamespace,
    pid: process.pid,
    processStart: machine.processStart(process.pid) ?? "",
    run: purpose,
    folder: "",
  };
  for (let attempt = 1; ; attempt += 1) {
    const before = await store.read();
    const judged = judgeHolder(before, machine, Date.now());
    if (judged.state === "alive" || judged.state === "unsure")
      throw locked(lock.stack, judged.holder, before.renewedAt);
    const version = await store.hold(holder, { version: before.version });
    if (version !== false) {
      const tookOver = judged.state === "dead" ? { proof: judged.proof, holder: judged.holder } : null;
      return held(store, holder, version, { tookOver, onLost });
    }
    // Of two takers one wins; the loser sees the winner in the next round.
    if (attempt >= 5) throw locked(lock.stack, (await store.read()).holder ?? holder, null);
  }
}

function held(
  store: LeaseStore,
  holder: Holder,
  first: string,
  { tookOver, onLost }: { tookOver: HeldLock["tookOver"]; onLost: () => void },
): HeldLock {
  let lost = false;
  let version = first;
  let current = holder;
  let turn: Promise<unknown> = Promise.resolve();
  const acquiredAt = `${new Date().toISOString().slice(0, -1)}000Z`;
  // One after the other: each write needs the version of the one before.
  const inTurn = (write: () => Promise<void>): Promise<void> => {
    const next = turn.then(write);
    turn = next.catch(() => undefined);
    return next;
  };
  const renew = async () => {
    const renewed = await store.hold(current, { version, acquiredAt });
    if (renewed !== false) version = renewed;
    else if (!lost) {
      lost = true;
      onLost();
    }
  };
  const timer = setInterval(() => void inTurn(renew).catch(() => undefined), renewalMilliseconds);
  timer.unref();
  return {
    id: holder.id,
    tookOver,
    setChild: (pid) =>
      inTurn(async () => {
        current = { ...holder, folder: pid === null ? "" : `pulumi ${pid} ${thisMachine().processStart(pid) ?? ""}` };
        await renew();
      }),
    release: () => {
      clearInterval(timer);
      return inTurn(async () => {
        // Never somebody else's.
        if (!lost) await store.release(version);
      });
    },
  };
}

/** The pulumi that a dead driver left running, when it still lives. */
export function orphanOf(holder: Holder): number | null {
  const match = /^pulumi (\d+) (\S*)$/.exec(holder.folder);
  const machine = thisMachine();
  if (match === null || holder.host !== machine.host || holder.boot !== machine.boot) return null;
  const pid = Number(match[1]);
  return machine.processStart(pid) === match[2] ? pid : null;
}

function locked(stack: string, holder: Holder, renewedAt: string | null): CutoverError {
  const age =
    renewedAt === null ? "" : `, renewed ${Math.max(0, Math.round((Date.now() - Date.parse(renewedAt)) / 1000))} s ago`;
  return new CutoverError({
    code: "CUT-6120",
    verdict: "failed",
    happened: `${stack} is locked by pid ${holder.pid} on ${holder.host}`,
    evidence: [`it runs: ${holder.run}${age}`],
    untouched: "Nothing was changed.",
    next: `Wait until it has ended (cutover status ${stack}), then type the same command again. A dead owner's lock is taken over by itself.`,
    exitCode: 14,
  });
}
