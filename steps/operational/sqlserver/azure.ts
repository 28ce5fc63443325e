import { setTimeout as sleep } from "node:timers/promises";
import { isConnectionLost, SqlServerError } from "../../../clients/sqlserver/sql-error.ts";
import { azureCopy, azureCopyState, send, type AzureCopyRow } from "../../../clients/sqlserver/statements.ts";
import { CutoverError } from "../../../model/error.ts";
import { backupCopyName } from "../../../model/operational/backup-name.ts";
import { gaveUp, placeTaken } from "./backup-errors.ts";
import type { BackUpOne } from "./back-up.ts";
import { tooOld } from "./look-at-backup.ts";
import { untilReachable } from "./patience.ts";
import { Percent } from "./percent.ts";
import { readAllRows } from "./rows.ts";
import type { SqlServerView } from "./view.ts";

const mostBegun = 3;
const [firstPause, longestPause] = [500, 15_000];

/**
 * Azure SQL Database has no BACKUP: a copy on the same server, transactionally consistent, is the backup (facts/domain.md C4). The
 * copy goes on without a connection and is found again by its name.
 */
export const backUpOnAzure: BackUpOne = async (view, { database, run, note }) => {
  const { context, server, master } = view;
  const copy = backupCopyName(context.request.stack, run, database);
  let begun = 0;
  for (;;) {
    context.signal.throwIfAborted();
    const state = await stateOf(view, copy);
    if (state === undefined) {
      if (begun === mostBegun) throw gaveUp(view, database, [`${mostBegun} copies were begun, and none is there`]);
      begun += 1;
      await begin(view, database, copy);
    } else if (state.state_desc === "COPYING") {
      await follow(view, database, copy);
    } else if (state.state_desc === "ONLINE" && begun === 0 && tooOld(view, state.create_date)) {
      throw placeTaken(view, database, { kind: "disk", path: copy }, [
        `${copy} was made at ${state.create_date.toISOString()} and is older than ${view.settings.maxAgeHours} h`,
      ]);
    } else if (state.state_desc === "ONLINE") {
      if (begun === 0) note(`${database}: the copy of an earlier attempt is kept, ${copy}`);
      const rows = await untilReachable(view, async () => readAllRows(await context.sqlServer(server, copy)));
      return {
        database,
        provider: "sqlserver",
        server: master.server,
        path: copy,
        name: copy,
        bytes: null,
        startedAt: state.create_date.toISOString(),
        finishedAt: new Date().toISOString(),
        proof: `database ${copy}, made ${state.create_date.toISOString()}`,
        rows,
      };
    } else {
      throw copyFailed(view, database, copy, [
        `${copy} is ${state.state_desc}`,
        ...(state.error_desc === null ? [] : [`Msg ${state.error_code ?? 0}: ${state.error_desc}`]),
      ]);
    }
  }
};

async function stateOf(view: SqlServerView, copy: string): Promise<AzureCopyRow | undefined> {
  return (await untilReachable(view, () => send(view.master, azureCopyState(copy))))[0];
}

async function begin(view: SqlServerView, database: string, copy: string): Promise<void> {
  const { progress, signal } = view.context;
  progress(`copying ${database} to ${copy}`);
  try {
    await send(view.master, azureCopy(database, copy), { timeoutMilliseconds: 0, signal });
  } catch (error) {
    // The caller looks for the copy before it begins another.
    if (isConnectionLost(error)) return;
    if (!(error instanceof SqlServerError)) throw error;
    throw copyFailed(view, database, copy, error.details.evidence ?? [], error);
  }
}

async function follow(view: SqlServerView, database: string, copy: string): Promise<void> {
  const { signal } = view.context;
  const percent = new Percent(view, database);
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    signal.throwIfAborted();
    const state = await stateOf(view, copy);
    if (state?.state_desc !== "COPYING") return;
    percent.say(state.percent_complete ?? 0);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

function copyFailed(
  view: SqlServerView,
  database: string,
  copy: string,
  evidence: readonly string[],
  cause?: unknown,
): CutoverError {
  return new CutoverError(
    {
      code: "CUT-5431",
      verdict: "failed",
      happened: `the copy of ${database} that is its backup on Azure SQL Database ${view.master.server} failed`,
      evidence,
      untouched: "The database was not changed; copies that are finished stay.",
      next: `Remove ${copy} on the server if it is there, check quota and service tier, then run the same command again.`,
      exitCode: 16,
    },
    { cause },
  );
}
