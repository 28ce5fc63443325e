// STAND-IN for SQL Server: long work, percent by percent: progress for others to see, messages, slowness, faults and attentions.
import { setImmediate as soon, setTimeout as sleep } from "node:timers/promises";
import { sameName } from "../engine/database.ts";
import type { Session } from "../engine/session.ts";
import { SqlError } from "../engine/sql-error.ts";

export interface Work {
  kind: "BACKUP" | "RESTORE";
  /** As sys.dm_exec_requests names it. */
  command: string;
  database: string;
  /** A message every so many percent; null: none. */
  stats: number | null;
  /** Does what belongs between two percentages. */
  step(from: number, to: number): void;
  /** The error when the disk is full. */
  diskFull(): SqlError;
}

/** The work was ended by an attention or with its connection. */
export class Interrupted extends Error {
  /** The connection is gone, and nobody cleans up behind it. */
  readonly lost: boolean;

  constructor(lost: boolean) {
    super("interrupted");
    this.lost = lost;
  }
}

/** Runs the work from 0 to 100 percent. @throws SqlError of a fault, Interrupted. */
export async function perform(work: Work, session: Session): Promise<void> {
  const { server } = session;
  const fits = (fault: { during?: string; database?: string }): boolean =>
    (fault.during === undefined || fault.during === work.kind) &&
    (fault.database === undefined || sameName(fault.database, work.database));
  const slow = Math.max(server.workMilliseconds, server.faults.find("slow", fits)?.milliseconds ?? 0);
  session.running = { command: work.command, percent: 0, startedAt: Date.now() };
  try {
    for (let percent = 1; percent <= 100; percent++) {
      await pause(slow / 100, session.signal);
      const full = server.faults.find("diskFull", (fault) => fits(fault) && percent >= fault.atPercent);
      if (full !== undefined) throw work.diskFull();
      const lost = server.faults.strike(
        "connectionLost",
        () => 1,
        (fault) => fits(fault) && percent >= fault.atPercent,
      );
      if (lost !== undefined) {
        session.cut({ workGoesOn: lost.then === "finish" });
        if (lost.then === "stop") throw new Interrupted(true);
      }
      work.step(percent - 1, percent);
      session.running.percent = percent;
      if (work.stats !== null && percent % work.stats === 0) {
        session.answers.information(3211, `${percent} percent processed.`);
      }
    }
  } finally {
    session.running = null;
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    if (milliseconds >= 1) await sleep(milliseconds, undefined, { signal });
    else await soon(undefined, { signal });
  } catch {
    throw new Interrupted(signal.reason === "lost");
  }
}

/** The last of the errors of a failed BACKUP or RESTORE, behind its cause. */
export function terminating(what: string, cause: SqlError, ...more: readonly SqlError[]): SqlError {
  return new SqlError(3013, `${what} is terminating abnormally.`, 16, { causes: [cause, ...more], endsBatch: false });
}

/** 4035 for each file, then 3014. */
export function reportPages(
  what: string,
  database: string,
  files: readonly { logicalName: string; pages: number }[],
  position: number,
  startedAt: number,
  session: Session,
): void {
  let total = 0;
  for (const { logicalName, pages } of files) {
    total += pages;
    session.answers.information(
      4035,
      `Processed ${pages} pages for database '${database}', file '${logicalName}' on file ${position}.`,
    );
  }
  const seconds = Math.max(0.001, (Date.now() - startedAt) / 1000);
  const rate = ((total * 8192) / 1048576 / seconds).toFixed(3);
  session.answers.information(
    3014,
    `${what} successfully processed ${total} pages in ${seconds.toFixed(3)} seconds (${rate} MB/sec).`,
  );
}
