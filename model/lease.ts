/** Who does a piece of long work: kept as JSON in the lease's `holderIdentity`. */
export interface Holder {
  /** Names the worker's files. */
  id: string;
  host: string;
  /** Linux boot id (or empty): a pid proves nothing after a restart of the machine. */
  boot: string;
  /** Pid namespace (or empty): two containers may share a host name. */
  pidNamespace: string;
  pid: number;
  /** Start time of the process as the system gives it: pids are reused. */
  processStart: string;
  run: string;
  /** Folder with the worker's log and result, absolute, on `host`. */
  folder: string;
}

/** The fields of coordination.k8s.io/v1 Lease that matter here. Times are ISO 8601 in UTC. */
export interface LeaseState {
  holder: Holder | null;
  durationSeconds: number;
  renewedAt: string | null;
}

/** What this machine can tell about itself and its processes. */
export interface LocalMachine {
  host: string;
  boot: string;
  pidNamespace: string;
  /** Start time of a living process, or null when there is none. */
  processStart(pid: number): string | null;
}

export type HolderJudgement =
  | { state: "free" }
  | { state: "alive"; holder: Holder; local: boolean }
  | { state: "dead"; holder: Holder; proof: string }
  /** On another host and not renewed for a while, but not yet long enough to call it dead. */
  | { state: "unsure"; holder: Holder };

/** How many lease durations without renewal prove the death of a holder that cannot be looked at. */
export const expiriesThatProveDeath = 3;

/** Reads `holderIdentity`; null when it is empty or not ours. */
export function parseHolder(text: string | null | undefined): Holder | null {
  if (text === null || text === undefined || text === "") return null;
  try {
    const value = JSON.parse(text) as Partial<Holder>;
    return typeof value.id === "string" && typeof value.pid === "number" && typeof value.host === "string"
      ? {
          id: value.id,
          host: value.host,
          boot: value.boot ?? "",
          pidNamespace: value.pidNamespace ?? "",
          pid: value.pid,
          processStart: value.processStart ?? "",
          run: value.run ?? "",
          folder: value.folder ?? "",
        }
      : null;
  } catch {
    return null;
  }
}

/** Decides whether the holder of a lease lives; `now` in milliseconds since the epoch. */
export function judgeHolder(lease: LeaseState, machine: LocalMachine, now: number): HolderJudgement {
  const { holder } = lease;
  if (holder === null) return { state: "free" };
  if (holder.host === machine.host && holder.boot !== machine.boot) {
    return { state: "dead", holder, proof: `${holder.host} was restarted since pid ${holder.pid} took the lease` };
  }
  if (holder.host === machine.host && holder.pidNamespace === machine.pidNamespace) {
    const start = machine.processStart(holder.pid);
    if (start === null) return { state: "dead", holder, proof: `pid ${holder.pid} on ${holder.host} is gone` };
    if (start !== holder.processStart) {
      return { state: "dead", holder, proof: `pid ${holder.pid} on ${holder.host} is another process by now` };
    }
    return { state: "alive", holder, local: true };
  }
  const silence = lease.renewedAt === null ? Number.POSITIVE_INFINITY : now - Date.parse(lease.renewedAt);
  if (silence > expiriesThatProveDeath * lease.durationSeconds * 1000) {
    const seconds = Number.isFinite(silence) ? `${Math.round(silence / 1000)} s` : "ever";
    return {
      state: "dead",
      holder,
      proof: `pid ${holder.pid} on ${holder.host} has not renewed its lease of ${lease.durationSeconds} s for ${seconds}`,
    };
  }
  return silence > lease.durationSeconds * 1000
    ? { state: "unsure", holder }
    : { state: "alive", holder, local: false };
}
