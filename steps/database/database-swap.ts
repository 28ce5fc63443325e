import { setTimeout as sleep } from "node:timers/promises";
import type { Postgres } from "../../clients/contracts.ts";
import { quoteIdentifier } from "../../clients/sql-quoting.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import type { DatabasesThere, RestorePlan } from "../../model/restore.ts";

type Names = Pick<RestorePlan, "database" | "restored" | "replaced">;

const glanceMilliseconds = 200;
const tries = 6;

/** Which of the three databases are there. */
export async function databasesThere(server: Postgres, names: Names): Promise<DatabasesThere> {
  const rows = await server.query<{ name: string }>("SELECT datname AS name FROM pg_database WHERE datname = ANY($1)", [
    [names.database, names.restored, names.replaced],
  ]);
  const found = new Set(rows.map((row) => row.name));
  return {
    original: found.has(names.database),
    restored: found.has(names.restored),
    replaced: found.has(names.replaced),
  };
}

/**
 * Gives the old database its new name and the new one the old name, in one transaction: there is no moment with only one of them
 * done. `openServer` opens a connection to another database of the server. Throws CUT-6307 when sessions cannot be ended; the same
 * command tries again.
 */
export async function swapDatabases(
  openServer: () => Promise<Postgres>,
  names: Names,
  there: DatabasesThere,
): Promise<void> {
  const [server, ender] = await Promise.all([openServer(), openServer()]);
  const rename = async (): Promise<void> => {
    await server.query("BEGIN");
    try {
      if (there.original) await server.query(renameStatement(names.database, names.replaced));
      await server.query(renameStatement(names.restored, names.database));
      await server.query("COMMIT");
    } catch (error) {
      await server.query("ROLLBACK").catch(() => undefined);
      throw error;
    }
  };
  try {
    for (let attempt = 1; ; attempt += 1) {
      const ending = endSessions(ender, [names.database, names.restored]);
      try {
        // The rename locks new sessions out and waits up to five seconds for the old ones to be gone.
        await rename();
        return;
      } catch (error) {
        if (codeOf(error) !== "55006" || attempt >= tries) throw await notSwapped(ender, names, error);
      } finally {
        await ending.stop();
      }
    }
  } finally {
    await Promise.all([server.close(), ender.close()]);
  }
}

function renameStatement(from: string, to: string): string {
  return `ALTER DATABASE ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)}`;
}

/** Ends all sessions of the databases that may be ended, again and again until `stop`. */
function endSessions(server: Postgres, databases: readonly string[]): { stop(): Promise<void> } {
  const over = new AbortController();
  const work = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await endSessionsOnce(server, databases).catch(() => undefined);
      await sleep(glanceMilliseconds, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const working = work();
  return {
    async stop() {
      over.abort();
      await working;
    },
  };
}

/** Ends all sessions of the databases once; those that this role may not end stay. */
export async function endSessionsOnce(server: Postgres, databases: readonly string[]): Promise<void> {
  const rows = await server.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE datname = ANY($1) AND pid <> pg_backend_pid()",
    [databases],
  );
  for (const { pid } of rows) await server.query("SELECT pg_terminate_backend($1)", [pid]).catch(() => undefined);
}

/** Drops a database of which nothing is needed any more; being gone already is fine. */
export async function dropDatabase(server: Postgres, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await endSessionsOnce(server, [name]);
    try {
      await server.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`);
      return;
    } catch (error) {
      if (codeOf(error) !== "55006" || attempt >= tries) throw error;
    }
  }
}

async function notSwapped(server: Postgres, names: Names, cause: unknown): Promise<CutoverError> {
  const sessions = await server
    .query<{ who: string; what: string }>(
      "SELECT usename AS who, application_name AS what FROM pg_stat_activity WHERE datname = ANY($1) LIMIT 5",
      [[names.database, names.restored]],
    )
    .catch(() => []);
  return new CutoverError(
    {
      code: "CUT-6307",
      verdict: "errored",
      happened: `${names.database} could not be swapped for ${names.restored}`,
      evidence: [messageOf(cause), ...sessions.map(({ who, what }) => `session of ${who} (${what})`)],
      untouched: "Both databases are whole; the service is stopped.",
      next: "End those sessions, then run the same command again: it goes on here.",
    },
    { cause },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
