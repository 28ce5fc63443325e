import { CutoverError } from "../../model/error.ts";
import type { DatabasesAround } from "../../model/operational/restore-moves.ts";

/** Names are taken or gone in a way that no part of cutover makes. */
export function cannotGoOn(database: string, { original, restored, replaced }: DatabasesAround): CutoverError {
  return new CutoverError({
    code: "CUT-5541",
    verdict: "errored",
    happened: `the databases around ${database} are in a state that no restore makes: somebody else changed them`,
    evidence: [`${database}: ${original}`, `the restored one beside it: ${restored}`, `the replaced one: ${replaced}`],
    untouched: "All databases stay as they are.",
    next: "Look at them on the server, rename or remove what does not belong there, then run the same command again.",
    exitCode: 20,
  });
}

/** The rows of a restored database are not those that the backup's manifest names. */
export function notTheRows(database: string, restored: string, differences: readonly string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5540",
    verdict: "failed",
    happened: `${restored} does not have the rows that were counted when ${database} was backed up`,
    evidence: differences.slice(0, 10),
    untouched: `${database} itself; nothing was swapped. ${restored} stays for a look.`,
    next: `Compare the tables. Then remove ${restored} and run the same command again, or choose another backup.`,
    exitCode: 16,
  });
}

/** An earlier restore with another stamp was not finished. */
export function otherRestore(database: string, left: string): CutoverError {
  return new CutoverError({
    code: "CUT-5543",
    verdict: "failed",
    happened: `an earlier restore of ${database} was not finished: there is ${left}`,
    untouched: "Nothing was changed.",
    next: `Finish that restore; or, when ${left} is not wanted any more, remove it on the server, then run the same command again.`,
    exitCode: 19,
  });
}
