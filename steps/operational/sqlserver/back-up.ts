import { CutoverError } from "../../../model/error.ts";
import { folderProblem } from "../../../model/operational/backup-device.ts";
import { serverKindName } from "../../../model/operational/server-kind.ts";
import type { DatabaseBackup } from "../../../model/platform-backup.ts";
import type { BackedUp, BackUpRequest, Discovered } from "../contracts.ts";
import { checkRights } from "./rights.ts";
import { copyTables } from "./table-copies.ts";
import type { SqlServerView } from "./view.ts";

/** One database's backup in the way of one kind of server. */
export type BackUpOne = (
  view: SqlServerView,
  input: { database: string; run: string; note: (text: string) => void },
) => Promise<DatabaseBackup>;

// RDS runs no more than two tasks at once, and two saturate most disks.
const atOnce = 2;

/**
 * Copies the warehouse tables, then backs up all databases, two at a time, with the copies that are in them. When one fails, those under way are finished and no
 * other is begun; what is finished stays and is kept by the next attempt.
 * @throws CutoverError CUT-5410 when this kind of server or folder takes no backups, CUT-5411 when rights are missing; of the ways.
 */
export async function backUpOnSqlServer(
  view: SqlServerView,
  { databases }: Discovered,
  { run }: BackUpRequest,
): Promise<BackedUp> {
  const { settings, kind, context } = view;
  mustBeNumbered(run);
  const problem = folderProblem(kind, settings.backupFolder);
  if (problem !== null) throw noBackups(view, problem);
  await checkRights(
    view,
    databases.map(({ name }) => name),
  );
  const tables = await copyTables(view, run);
  const notes = new Set<string>();
  const note = (text: string): void => void notes.add(text);
  const way = await wayOf(view);
  const done = new Map<string, DatabaseBackup>();
  const failures: unknown[] = [];
  const waiting = databases.map(({ name }) => name);
  const work = async (): Promise<void> => {
    for (;;) {
      const database = failures.length === 0 && !context.signal.aborted ? waiting.shift() : undefined;
      if (database === undefined) return;
      try {
        done.set(database, await way(view, { database, run, note }));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  context.signal.throwIfAborted();
  if (failures.length > 0) throw withTheOthers(failures, [...done.keys()], databases.length);
  const inOrder = databases.flatMap(({ name }) => done.get(name) ?? []);
  return { databases: inOrder, tables, notes: [...notes] };
}

async function wayOf({ kind }: SqlServerView): Promise<BackUpOne> {
  if (kind === "amazonRds") return (await import("./rds.ts")).backUpOnRds;
  if (kind === "azureSqlDatabase") return (await import("./azure.ts")).backUpOnAzure;
  return (await import("./device-backup.ts")).backUpToDevice;
}

/** Backups are found again by the run's number: without one, an older run's would be taken for this one's. */
function mustBeNumbered(run: string): void {
  // `cutover backup` outside a run has its time of beginning instead, as unique as a number.
  if (/^(\d+|manual-\d{8}T\d{6}Z)$/.test(run)) return;
  throw new CutoverError({
    code: "CUT-5418",
    verdict: "errored",
    happened: `the number of the run is not known (${run}), and backups are named by it`,
    untouched: "No backup was begun; nothing was changed.",
    next: "Run the same command again when the ledger can be read.",
    exitCode: 16,
  });
}

function noBackups({ master, kind, settings }: SqlServerView, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-5410",
    verdict: "failed",
    happened: `${serverKindName(kind)} at ${master.server} cannot be backed up to ${settings.backupFolder}`,
    evidence: [problem],
    untouched: "Nothing was changed.",
    next: "Correct backupFolder under cutover:operationalDatabases; where the server's own tools have to be used, back up with them and do not let cutover upgrade this stack.",
    exitCode: 16,
  });
}

/** The first failure, with what became of the others. */
function withTheOthers(failures: readonly unknown[], finished: readonly string[], all: number): unknown {
  const [first, ...others] = failures;
  if (!(first instanceof CutoverError)) return first;
  const more = others.map((error) => (error instanceof CutoverError ? error.details.happened : String(error)));
  return new CutoverError(
    {
      ...first.details,
      evidence: [
        ...(first.details.evidence ?? []),
        ...more,
        `${finished.length} of ${all} databases are backed up${finished.length === 0 ? "" : `: ${finished.join(", ")}; these are kept`}`,
      ],
    },
    { cause: first },
  );
}
