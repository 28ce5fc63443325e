import { nextCloneMove, type CloneMove } from "../../model/operational/clone-moves.ts";
import { rowDifferences, rowsTogether } from "../../model/operational/row-counts.ts";
import type { DatabaseBackup } from "../../model/platform-backup.ts";
import type { StepContext } from "../context.ts";
import { changedClone, notOurs, rowsDiffer } from "./clone-errors.ts";
import { stateOf, type DatabaseHost } from "./database-host.ts";

/** What the run's own record says of its clones; see clone-record.ts. */
export interface CloneRecord {
  /** This run began to make the database of this name from this backup. */
  begun(clone: string, backup: DatabaseBackup): boolean;
  /** An earlier attempt of this run finished all clones. */
  finished: boolean;
  /** Written before anything is made: by it a later attempt knows what is this run's own. */
  begin(clone: string, backup: DatabaseBackup): Promise<void>;
}

export interface MadeClone {
  database: string;
  clone: string;
  /** Rows of all tables together, as in the backup; null where they were not counted. */
  rows: number | null;
  kept: boolean;
}

export interface CloneInput {
  target: DatabaseHost;
  backups: readonly DatabaseBackup[];
  /** Name of the source's database -> name of its clone. */
  names: ReadonlyMap<string, string>;
  record: CloneRecord;
}

/**
 * Makes every clone that is not there yet and keeps those that this run made before. Nothing is begun while one of the wanted names
 * belongs to somebody else or one backup is not good.
 * @throws CutoverError CUT-5506 for a database that this run did not make, CUT-5507 when rows differ from the backup's, CUT-5508 when a
 * clone of this run is no longer what it was.
 */
export async function makeClones(
  context: Pick<StepContext, "signal" | "progress">,
  input: CloneInput,
): Promise<MadeClone[]> {
  const { target, backups } = input;
  if (target.refusal !== null) throw target.refusal;
  const taken: string[] = [];
  const wanted: DatabaseBackup[] = [];
  for (const backup of backups) {
    const move = await moveFor(backup, input, null);
    if (move === "refuse") taken.push(nameOf(backup, input));
    if (move === "changed") throw changedClone(nameOf(backup, input), await stateOf(target, nameOf(backup, input)));
    if (move === "make" || move === "remake") wanted.push(backup);
  }
  if (taken.length > 0) throw notOurs(taken, target.address);
  for (const backup of wanted) {
    context.signal.throwIfAborted();
    context.progress(`reading the backup of ${backup.database}`);
    await target.verify(backup);
  }
  const made: MadeClone[] = [];
  for (const backup of backups) made.push(await makeOne(context, backup, input));
  return made;
}

async function makeOne(
  { signal, progress }: Pick<StepContext, "signal" | "progress">,
  backup: DatabaseBackup,
  input: CloneInput,
): Promise<MadeClone> {
  const { target, record } = input;
  const clone = nameOf(backup, input);
  let made = false;
  let sameRows: boolean | null = null;
  for (;;) {
    signal.throwIfAborted();
    const move = await moveFor(backup, input, sameRows);
    switch (move) {
      case "make":
        await record.begin(clone, backup);
        progress(`cloning ${backup.database} to ${clone}`);
        await target.restore(backup, clone, null);
        made = true;
        break;
      case "remake":
        progress(`${clone} was left half made by an earlier attempt: it is removed and made again`);
        await target.drop(clone);
        break;
      case "compare": {
        const differences = backup.rows === undefined ? [] : rowDifferences(backup.rows, await target.rows(clone));
        if (differences.length > 0) throw rowsDiffer(backup.database, clone, differences, made);
        sameRows = true;
        break;
      }
      case "keep":
        if (!made) progress(`${clone} was made by this run before and is kept`);
        return { database: backup.database, clone, rows: together(backup), kept: !made };
      case "refuse":
        throw notOurs([clone], target.address);
      case "changed":
        throw changedClone(clone, await stateOf(target, clone));
    }
  }
}

async function moveFor(backup: DatabaseBackup, input: CloneInput, sameRows: boolean | null): Promise<CloneMove> {
  const clone = nameOf(backup, input);
  const { record, target } = input;
  return nextCloneMove({
    target: await stateOf(target, clone),
    begun: record.begun(clone, backup),
    finished: record.finished,
    sameRows,
  });
}

function nameOf(backup: DatabaseBackup, input: CloneInput): string {
  const name = input.names.get(backup.database);
  if (name === undefined) throw new Error(`no name for the clone of ${backup.database}`);
  return name;
}

function together(backup: DatabaseBackup): number | null {
  return backup.rows === undefined ? null : rowsTogether(backup.rows);
}
