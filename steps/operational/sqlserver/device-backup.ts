import { isConnectionLost, SqlServerError } from "../../../clients/sqlserver/sql-error.ts";
import { backUpDatabase, send, verifyBackup, type BackupDevice } from "../../../clients/sqlserver/statements.ts";
import { backupProblems } from "../../../model/operational/backup-judgement.ts";
import { backupPath, backupSetName } from "../../../model/operational/backup-name.ts";
import type { DatabaseBackup } from "../../../model/platform-backup.ts";
import { backupFailed, cannotTell, gaveUp, notGood, placeTaken } from "./backup-errors.ts";
import type { BackUpOne } from "./back-up.ts";
import { followBackup } from "./follow-backup.ts";
import {
  deviceAt,
  headerOf,
  lookAtBackup,
  lookAtDevice,
  mayStillBeWritten,
  tooOld,
  type WrittenBackup,
} from "./look-at-backup.ts";
import { untilReachable } from "./patience.ts";
import { Percent } from "./percent.ts";
import { readRows, rowsMark } from "./rows.ts";
import type { SqlServerView } from "./view.ts";

/** BACKUPs that are begun, and places that are tried, before the step gives up. */
const [mostBegun, mostPlaces] = [3, 5];

interface Wanted {
  database: string;
  name: string;
  compression: boolean;
  /** Server's local time when it was first begun in this attempt, in milliseconds; null: an earlier attempt's. */
  begunLocal: number | null;
}

/**
 * BACKUP to a folder or URL, then VERIFYONLY and HEADERONLY. Before each BACKUP it looks whether one of this name runs or is
 * there already, so that there is never a second one beside a living one, and a lost connection costs nothing.
 */
export const backUpToDevice: BackUpOne = async (view, { database, run, note }) => {
  const { context, settings, kind } = view;
  const { stack } = context.request;
  const wanted: Wanted = {
    database,
    name: backupSetName(stack, run, database),
    compression: settings.compression && kind !== "sqlServerExpress",
    begunLocal: null,
  };
  if (settings.compression && !wanted.compression) note("backups are not compressed: Express editions cannot");
  let number = 1;
  for (let begun = 0; begun < mostBegun && number <= mostPlaces;) {
    context.signal.throwIfAborted();
    const path = backupPath(settings.backupFolder, { stack, run, database, number });
    if (path === null)
      throw gaveUp(view, database, [`the name of the file in ${settings.backupFolder} would be too long`]);
    const device = deviceAt(path);
    const state = await untilReachable(view, () => lookAtBackup(view, { ...wanted, device }));
    switch (state.state) {
      case "running":
        context.progress(`${database}: the server is still at the backup ${wanted.name}; it is followed`);
        await followBackup(view, { database, name: wanted.name, device });
        break;
      case "written":
        if (!isWanted(view, wanted, state)) {
          note(
            `${database}: ${state.device.path} is older than ${settings.maxAgeHours} h, a new one is taken beside it`,
          );
          number += 1;
          break;
        }
        if (wanted.begunLocal === null) note(`${database}: an earlier attempt's backup is kept, ${state.device.path}`);
        return readBack(view, wanted, state.device, note);
      case "rubbish":
        number += await passOver(view, { ...wanted, device }, state.problem, note);
        break;
      case "absent":
        begun += 1;
        await begin(view, wanted, device, note);
    }
  }
  throw gaveUp(view, database, [`${mostBegun} BACKUPs were begun and ${number} places tried`]);
};

/** 1: the next place is to be tried. 0: it is worth looking again. @throws CutoverError CUT-5419 when somebody may still write to it. */
async function passOver(
  view: SqlServerView,
  wanted: { name: string; database: string; device: BackupDevice },
  problem: string,
  note: (text: string) => void,
): Promise<0 | 1> {
  const { database, device } = wanted;
  if (!view.seesRequests) {
    view.context.progress(`${database}: ${device.path} is no complete backup yet; waiting whether it becomes one`);
    if (await mayStillBeWritten(view, wanted)) throw cannotTell(view, database, device, problem);
    return 0;
  }
  note(`${database}: ${device.path} is left as it is, no backup can be read from it (${problem})`);
  return 1;
}

/** False: an earlier attempt's that is too old. @throws CutoverError CUT-5413 when it is not this run's at all. */
function isWanted(view: SqlServerView, wanted: Wanted, { device, headers }: WrittenBackup): boolean {
  const { name, database, begunLocal } = wanted;
  const [header] = headers;
  if (headers.length === 1 && header?.BackupName === name && header.DatabaseName === database) {
    return begunLocal !== null || !tooOld(view, header.BackupFinishDate);
  }
  throw placeTaken(
    view,
    database,
    device,
    backupProblems(headers.map(headerOf), { name, database, notBeforeLocal: null }),
  );
}

/** Returns when it is worth looking again: after the end, and after a lost connection. */
async function begin(
  view: SqlServerView,
  wanted: Wanted,
  device: BackupDevice,
  note: (text: string) => void,
): Promise<void> {
  const { context, server, facts } = view;
  const { database, name, compression } = wanted;
  const description = rowsMark(await untilReachable(view, () => readRows(view, database)));
  // A connection of its own: its program_name is how the statement is found again.
  const connection = await untilReachable(view, () => context.sqlServer(server, "master", name));
  const percent = new Percent(view, database);
  const stopAsking = percent.ask(name);
  wanted.begunLocal ??= facts.now.getTime() + facts.offset_minutes * 60_000;
  context.progress(`backing up ${database} to ${device.path}`);
  try {
    await send(connection, backUpDatabase({ database, device, name, compression, description }), {
      timeoutMilliseconds: 0,
      onMessage: percent.onMessage,
      signal: context.signal,
    });
  } catch (error) {
    if (isConnectionLost(error)) {
      context.progress(`${database}: the connection was lost in the middle of the backup; looking what the server did`);
    } else if (error instanceof SqlServerError && error.has(1844) && compression) {
      note("backups are not compressed: this edition cannot (Msg 1844)");
      wanted.compression = false;
    } else {
      throw error instanceof SqlServerError ? backupFailed(view, database, device, error) : error;
    }
  } finally {
    stopAsking();
    await connection.close();
  }
}

async function readBack(
  view: SqlServerView,
  wanted: Wanted,
  device: BackupDevice,
  note: (text: string) => void,
): Promise<DatabaseBackup> {
  const { context, facts, master } = view;
  const { database, name } = wanted;
  context.progress(`reading the backup of ${database} back`);
  const percent = new Percent(view, `reading ${database} back`);
  const options = { timeoutMilliseconds: 0, onMessage: percent.onMessage, signal: context.signal };
  try {
    await untilReachable(view, () => send(master, verifyBackup(device), options));
  } catch (error) {
    if (!(error instanceof SqlServerError)) throw error;
    throw notGood(view, database, device, error.details.evidence ?? [], error);
  }
  const state = await untilReachable(view, () => lookAtDevice(view, device));
  const headers = state.state === "written" ? state.headers : [];
  const problems = backupProblems(headers.map(headerOf), { name, database, notBeforeLocal: wanted.begunLocal });
  const [header] = headers;
  if (header === undefined || problems.length > 0) throw notGood(view, database, device, problems);
  const rows = await untilReachable(view, () => readRows(view, database));
  const unchanged = rows !== null && rowsMark(rows) === header.BackupDescription;
  if (!unchanged)
    note(
      `${database}: rows are not recorded, ${rows === null ? "the login may not see its tables" : "they changed meanwhile"}`,
    );
  const utc = (local: Date): string => new Date(local.getTime() - facts.offset_minutes * 60_000).toISOString();
  return {
    database,
    provider: "sqlserver",
    server: master.server,
    path: device.path,
    name,
    bytes: Number(header.CompressedBackupSize ?? header.BackupSize),
    startedAt: utc(header.BackupStartDate),
    finishedAt: utc(header.BackupFinishDate),
    proof: header.BackupSetGUID,
    ...(unchanged ? { rows } : {}),
  };
}
