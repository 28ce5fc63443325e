import { setTimeout as sleep } from "node:timers/promises";
import { isConnectionLost, SqlServerError } from "../../clients/sqlserver/sql-error.ts";
import type { SqlServer } from "../../clients/sqlserver/contracts.ts";
import * as statements from "../../clients/sqlserver/statements.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import type { SqlServerAccess } from "./sql-server-host.ts";

const { send } = statements;

const tries = 6;
const pauseMilliseconds = 500;
const glanceMilliseconds = 1000;
/** How long a server that cut the connection is waited for. */
const mostMilliseconds = 10 * 60_000;

/**
 * Ends all sessions of a database, gives it its new name and lets everybody in again. Another session may take the one place of
 * SINGLE_USER before the rename: then it is tried again.
 */
export async function renameSqlDatabase(
  master: SqlServer,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  await untilNotInUse(from, signal, async () => {
    await send(master, statements.singleUser(from), { timeoutMilliseconds: 0 });
    await send(master, statements.renameDatabase(from, to), { timeoutMilliseconds: 0 });
  });
  await untilNotInUse(to, signal, () => send(master, statements.multiUser(to), { timeoutMilliseconds: 0 }));
}

/** Removes a database and its files; gone already is fine. One that is being restored has no sessions to end. */
export async function dropSqlDatabase(master: SqlServer, database: string, signal: AbortSignal): Promise<void> {
  await untilNotInUse(database, signal, async () => {
    const [row] = await send(master, statements.databaseNamed(database));
    if (row === undefined) return;
    if (row.state_desc === "ONLINE") await send(master, statements.singleUser(database), { timeoutMilliseconds: 0 });
    await send(master, statements.dropDatabase(database), { timeoutMilliseconds: 0 });
  });
}

/**
 * Waits until no RESTORE of this work runs on the server any more: after a lost connection the server may go on. Without the right
 * to see other sessions nothing is seen; the next statement then says that the database is in use.
 */
export async function waitForRestore(access: SqlServerAccess, signal: AbortSignal): Promise<void> {
  const until = Date.now() + mostMilliseconds;
  for (;;) {
    signal.throwIfAborted();
    try {
      const server = await access.connect("master");
      try {
        const running = await send(server, statements.requestsOf(access.applicationName));
        if (!running.some(({ command }) => command.startsWith("RESTORE"))) return;
      } finally {
        await server.close();
      }
    } catch (error) {
      if (!isConnectionLost(error) || Date.now() > until) throw error;
    }
    // A restore may take hours; a server that cannot be reached is given up.
    await sleep(glanceMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

async function untilNotInUse(database: string, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      await work();
      return;
    } catch (error) {
      if (!isInUse(error)) throw error;
      if (attempt >= tries) throw inUse(database, error);
      await sleep(pauseMilliseconds, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** 5030 not exclusively locked, 5061, 5064, 5070 state cannot be changed, 3702 in use, 924 single user, 1205 deadlock's victim. */
function isInUse(error: unknown): boolean {
  return error instanceof SqlServerError && error.has(5030, 5061, 5064, 5070, 3702, 924, 1205);
}

function inUse(database: string, cause: unknown): CutoverError {
  const said = cause instanceof CutoverError ? (cause.details.evidence ?? []) : [messageOf(cause)];
  return new CutoverError(
    {
      code: "CUT-5536",
      verdict: "errored",
      happened: `${database} stays in use: its sessions come back as fast as they are ended`,
      evidence: said,
      untouched: "All databases are whole.",
      next: "Stop what connects to it, then run the same command again: it goes on here.",
    },
    { cause },
  );
}
