import { CutoverError } from "../../model/error.ts";
import type { OperationalDatabases } from "../../model/operational-databases.ts";
import { isKeptName, namesBeside } from "../../model/operational/restore-moves.ts";
import type { DatabaseHost } from "./database-host.ts";
import { openHost } from "./open-host.ts";
import type { OperationalContext } from "./server.ts";

/** One database and the name under which it is kept; `kept` null: it was not there. */
export interface SetAside {
  database: string;
  kept: string | null;
}

/**
 * Gives databases of the stack's server the names `<name>_replaced_<stamp>`: clones that a rollback to the version before leaves
 * behind. The same call goes on where it was interrupted.
 * @throws CutoverError CUT-5544 when the kept name belongs to another database.
 */
export async function renameAside(
  context: OperationalContext,
  settings: OperationalDatabases,
  input: { databases: readonly string[]; stamp: string },
): Promise<SetAside[]> {
  const host = await openHost(context, settings, "server");
  try {
    return await renameAsideOn(host, context, input);
  } finally {
    await host.close();
  }
}

/** The same on an open host. */
export async function renameAsideOn(
  host: DatabaseHost,
  { signal, progress }: Pick<OperationalContext, "signal" | "progress">,
  { databases, stamp }: { databases: readonly string[]; stamp: string },
): Promise<SetAside[]> {
  const names = databases.map((database) => namesBeside(database, stamp, host.provider));
  const states = await host.states(names.flatMap(({ database, replaced }) => [database, replaced]));
  const isThere = (name: string): boolean => (states.get(name) ?? "absent") !== "absent";
  for (const { database, replaced } of names) {
    if (isThere(database) && isThere(replaced)) throw bothThere(database, replaced);
  }
  const aside: SetAside[] = [];
  for (const { database, replaced } of names) {
    signal.throwIfAborted();
    if (isThere(database)) {
      progress(`${database} is kept as ${replaced}`);
      await host.rename(database, replaced);
    } else if (isThere(replaced)) {
      await host.open(replaced);
    }
    aside.push({ database, kept: isThere(database) || isThere(replaced) ? replaced : null });
  }
  return aside;
}

/**
 * Removes a database that a restore or a rollback kept, for good.
 * @throws CutoverError CUT-5545 for any other name: nothing else may be removed in this way.
 */
export async function dropKept(
  context: OperationalContext,
  settings: OperationalDatabases,
  name: string,
): Promise<void> {
  if (!isKeptName(name)) throw notKept(name);
  const host = await openHost(context, settings, "server");
  try {
    await host.drop(name);
  } finally {
    await host.close();
  }
}

function bothThere(database: string, replaced: string): CutoverError {
  return new CutoverError({
    code: "CUT-5544",
    verdict: "failed",
    happened: `${database} cannot be kept as ${replaced}: there is a database of that name`,
    untouched: "All databases stay as they are.",
    next: `Find out which of the two is wanted, rename the other on the server, then run the same command again.`,
    exitCode: 20,
  });
}

function notKept(name: string): CutoverError {
  return new CutoverError({
    code: "CUT-5545",
    verdict: "failed",
    happened: `${name} is not the name of a database that was kept: those end in _replaced_<time>`,
    untouched: "Nothing was removed.",
    next: "Name the kept database as the restore or the rollback said it.",
    exitCode: 2,
  });
}
