import { setTimeout as sleep } from "node:timers/promises";
import { isConnectionLost } from "../../../clients/sqlserver/sql-error.ts";
import { CutoverError, messageOf } from "../../../model/error.ts";
import type { SqlServerView } from "./view.ts";

/** How long a server may be away before the step gives up, and how often it is asked; milliseconds. */
const longestAway = 10 * 60_000;
const [firstPause, longestPause] = [500, 15_000];

/**
 * Repeats something that only looks until the server answers. Never for statements that change something: whoever lost the
 * connection in one has to look first.
 * @throws CutoverError CUT-5416 when the server stays away.
 */
export async function untilReachable<Value>(view: SqlServerView, look: () => Promise<Value>): Promise<Value> {
  const { signal, progress } = view.context;
  const since = Date.now();
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    signal.throwIfAborted();
    try {
      return await look();
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      if (Date.now() - since > longestAway) throw staysAway(view, error);
      if (pause === firstPause) progress(`the connection to ${view.master.server} is lost; it is tried again`);
    }
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

function staysAway({ master }: SqlServerView, cause: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-5416",
      verdict: "errored",
      happened: `SQL Server at ${master.server} was away for ${longestAway / 60_000} minutes in the middle of a backup`,
      evidence: cause instanceof CutoverError ? [...(cause.details.evidence ?? [])] : [messageOf(cause)],
      untouched:
        "No database was changed. The server may still be at it: the next attempt looks before it begins anything.",
      next: "When the server is back, run the same command again.",
      exitCode: 16,
    },
    { cause },
  );
}
