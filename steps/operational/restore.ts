import { CutoverError } from "../../model/error.ts";
import type { OperationalDatabases } from "../../model/operational-databases.ts";
import {
  leftByOtherRestores,
  namesBeside,
  nextRestoreMove,
  type DatabasesAround,
  type DatabaseState,
} from "../../model/operational/restore-moves.ts";
import { rowDifferences, rowsTogether } from "../../model/operational/row-counts.ts";
import type { DatabaseBackup, PlatformBackup } from "../../model/platform-backup.ts";
import type { DatabaseHost } from "./database-host.ts";
import { openHost } from "./open-host.ts";
import { cannotGoOn, notTheRows, otherRestore } from "./restore-errors.ts";
import type { OperationalContext } from "./server.ts";

export type RestoreContext = OperationalContext;

/** What is done for certain; recorded by the caller before it goes on. */
export type RestorePhase = "verified" | "restored" | "swapped";

export interface RestoreInput {
  /** Part of the new names, such as `20261122_191422`; the same in every try of one restore, so that it goes on where it was. */
  stamp: string;
  /** Called once all databases have come so far. */
  onPhase?: (phase: RestorePhase) => Promise<void>;
}

/** One database that is as it was in the backup. */
export interface RestoredDatabase {
  database: string;
  /** The database that was in use, kept under this name; null when there was none. */
  kept: string | null;
  /** Rows of all tables together, equal to those of the backup; null when the backup does not say. */
  rows: number | null;
  /** ISO 8601, UTC: what was written in between is only in `kept`. */
  lostFrom: string;
  lostTo: string;
}

/**
 * Brings all databases of a backup back: reads every backup first (nothing is touched when one is bad), restores all beside, compares
 * the rows, then swaps one after the other. The old ones are kept. Interrupted anywhere, the same call goes on.
 * @throws CutoverError CUT-5540 when rows differ, CUT-5541 when somebody else changed databases meanwhile,
 * CUT-5543 while a restore with another stamp is unfinished; of the host: see there.
 */
export async function restoreDatabases(
  context: RestoreContext,
  settings: OperationalDatabases,
  backup: PlatformBackup,
  input: RestoreInput,
): Promise<RestoredDatabase[]> {
  const host = await openHost(context, settings, "server");
  try {
    return await restoreOn(host, context, backup, input);
  } finally {
    await host.close();
  }
}

/**
 * Reads whether restoring and swapping can be done at all on the stack's server, before any service is stopped for it.
 * @throws CutoverError CUT-5530 for kinds of servers on which it is done in another way.
 */
export async function checkRestorable(context: RestoreContext, settings: OperationalDatabases): Promise<void> {
  const host = await openHost(context, settings, "server");
  await host.close();
  if (host.refusal !== null) throw host.refusal;
}

/** The same on an open host. */
export async function restoreOn(
  host: DatabaseHost,
  context: Pick<RestoreContext, "signal" | "progress">,
  backup: PlatformBackup,
  input: RestoreInput,
): Promise<RestoredDatabase[]> {
  const { databases } = backup;
  if (host.refusal !== null) throw host.refusal;
  const existing = await host.names();
  for (const one of databases) {
    const [left] = leftByOtherRestores(one.database, input.stamp, host.provider, existing);
    if (left !== undefined) throw otherRestore(one.database, left);
    const around = await look(host, one, input);
    if (nextRestoreMove(around) === null) throw cannotGoOn(one.database, around);
  }
  for (const one of databases) {
    if (!(await needsBackup(host, one, input))) continue;
    context.signal.throwIfAborted();
    context.progress(`reading the backup of ${one.database}`);
    await host.verify(one);
  }
  await input.onPhase?.("verified");
  const rows = new Map<string, number | null>();
  for (const one of databases) rows.set(one.database, await bringBeside(host, context, one, input));
  await input.onPhase?.("restored");
  for (const one of databases) await swap(host, context, one, input);
  await input.onPhase?.("swapped");
  return sayWhatWasLost(host, backup, input, rows);
}

/** A restored database that is beside or in place already needs its backup no more. */
async function needsBackup(host: DatabaseHost, backup: DatabaseBackup, input: RestoreInput): Promise<boolean> {
  const move = nextRestoreMove(await look(host, backup, input));
  return move === "restore" || move === "dropPartial";
}

/** Until the restored database is complete beside the old one. Its rows together; null when they are not known. */
async function bringBeside(
  host: DatabaseHost,
  { signal, progress }: Pick<RestoreContext, "signal" | "progress">,
  backup: DatabaseBackup,
  input: RestoreInput,
): Promise<number | null> {
  const { restored, database } = namesBeside(backup.database, input.stamp, host.provider);
  for (;;) {
    signal.throwIfAborted();
    const around = await look(host, backup, input);
    const move = nextRestoreMove(around);
    if (move === null) throw cannotGoOn(database, around);
    if (move === "done") return backup.rows === undefined ? null : rowsTogether(backup.rows);
    if (move === "setAside" || move === "putInPlace") break;
    if (move === "dropPartial") {
      progress(`${restored} was left in the middle: it is removed and made again`);
      await host.drop(restored);
    } else {
      progress(`restoring ${database} beside as ${restored}`);
      await host.restore(backup, restored, around.original === "absent" ? null : database);
    }
  }
  if (backup.rows === undefined) return null;
  const found = await host.rows(restored);
  const differences = rowDifferences(backup.rows, found);
  if (differences.length > 0) throw notTheRows(database, restored, differences);
  return rowsTogether(found);
}

async function swap(
  host: DatabaseHost,
  { signal, progress }: Pick<RestoreContext, "signal" | "progress">,
  backup: DatabaseBackup,
  input: RestoreInput,
): Promise<void> {
  const names = namesBeside(backup.database, input.stamp, host.provider);
  for (;;) {
    signal.throwIfAborted();
    const around = await look(host, backup, input);
    const move = nextRestoreMove(around);
    switch (move) {
      case "setAside":
        progress(`${names.database} is kept as ${names.replaced}`);
        await host.rename(names.database, names.replaced);
        break;
      case "putInPlace":
        progress(`${names.restored} becomes ${names.database}`);
        await host.rename(names.restored, names.database);
        if (around.replaced === "absent") return;
        break;
      case "done":
        await host.open(names.database);
        await host.open(names.replaced);
        return;
      case "restore":
      case "dropPartial":
      case null:
        throw cannotGoOn(names.database, around);
    }
  }
}

async function sayWhatWasLost(
  host: DatabaseHost,
  backup: PlatformBackup,
  input: RestoreInput,
  rows: ReadonlyMap<string, number | null>,
): Promise<RestoredDatabase[]> {
  const lostTo = new Date().toISOString();
  const restored: RestoredDatabase[] = [];
  for (const { database, startedAt } of backup.databases) {
    const { replaced } = namesBeside(database, input.stamp, host.provider);
    const states = await host.states([database, replaced]);
    if (states.get(database) !== "online") {
      throw new CutoverError({
        code: "CUT-5542",
        verdict: "errored",
        happened: `${database} is not online after its restore`,
        evidence: [`it is ${states.get(database) ?? "absent"}`],
        next: "Look at it on the server, then run the same command again.",
        exitCode: 20,
      });
    }
    const kept = (states.get(replaced) ?? "absent") === "absent" ? null : replaced;
    restored.push({ database, kept, rows: rows.get(database) ?? null, lostFrom: startedAt, lostTo });
  }
  return restored;
}

async function look(
  host: DatabaseHost,
  { database }: DatabaseBackup,
  { stamp }: RestoreInput,
): Promise<DatabasesAround> {
  const names = namesBeside(database, stamp, host.provider);
  const states = await host.states([names.database, names.restored, names.replaced]);
  const of = (name: string): DatabaseState => states.get(name) ?? "absent";
  return { original: of(names.database), restored: of(names.restored), replaced: of(names.replaced) };
}
