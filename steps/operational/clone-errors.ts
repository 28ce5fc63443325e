import { CutoverError } from "../../model/error.ts";

/** Databases with the wanted names are there and this run did not make them. */
export function notOurs(names: readonly string[], server: string): CutoverError {
  return new CutoverError({
    code: "CUT-5506",
    verdict: "failed",
    happened: `${names.join(", ")} on ${server} ${names.length === 1 ? "was" : "were"} not made by this run: a clone never overwrites`,
    untouched: "No database was made, changed or removed.",
    next: "Rename or remove them on the server, or set cutover:operationalDatabases.clone.name to other names.",
    exitCode: 15,
  });
}

/** The rows of a clone are not those of the backup. */
export function rowsDiffer(
  database: string,
  clone: string,
  differences: readonly string[],
  made: boolean,
): CutoverError {
  return new CutoverError({
    code: "CUT-5507",
    verdict: "failed",
    happened: made
      ? `${clone} does not have the rows that were counted when ${database} was backed up`
      : `${clone} was made by this run, and its rows have changed since`,
    evidence: differences.slice(0, 10),
    untouched: `${database} at the source; ${clone} stays for a look.`,
    next: `Look at the differences. Then remove ${clone} on the server and run pulumi up again.`,
    exitCode: 16,
  });
}

/** A clone that this run finished is gone to another state. */
export function changedClone(clone: string, state: string): CutoverError {
  return new CutoverError({
    code: "CUT-5508",
    verdict: "errored",
    happened: `${clone} was made by this run and is ${state} now: somebody changed it`,
    untouched: "It was not removed: it may hold work.",
    next: `Bring ${clone} online, or remove it on the server; then run pulumi up again.`,
    exitCode: 20,
  });
}

/** Clones of an earlier run are not there any more. */
export function goneClones(names: readonly string[], server: string): CutoverError {
  return new CutoverError({
    code: "CUT-5509",
    verdict: "errored",
    happened: `${names.join(", ")} on ${server}: made by an earlier run, and not there or not online any more`,
    untouched: "No database was made, changed or removed.",
    next: "Bring them online or back from a backup: cutover restore STACK <platform backup>.",
    exitCode: 20,
  });
}

/** A connection of a tenant does not lead to the clone. */
export function notApart(problems: readonly string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5510",
    verdict: "failed",
    happened: `the clone is not apart from its source: ${problems.length} ${problems.length === 1 ? "thing" : "things"} would let the upgrade reach databases that it must not touch`,
    evidence: problems.slice(0, 20),
    untouched: "The source's databases. The upgrade was not called.",
    next: "Correct cutover:operationalDatabases.tenantConnections (query and rewrite), or the connections in the clone's core database; then run pulumi up again.",
    exitCode: 15,
  });
}

/** A statement of the user on tenant connections cannot be used. */
export function statementProblem(what: "query" | "rewrite", problem: string, cause?: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-5511",
      verdict: "errored",
      happened: `cutover:operationalDatabases.tenantConnections.${what} cannot be used`,
      evidence: [problem],
      untouched: "The source's databases. The upgrade was not called.",
      next: `Correct that statement in the stack file; it runs in the clone's core database.`,
      exitCode: 15,
    },
    cause === undefined ? undefined : { cause },
  );
}
