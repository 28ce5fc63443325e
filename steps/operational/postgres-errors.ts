import { CutoverError } from "../../model/error.ts";

/** The platform's databases are not all there and usable on a PostgreSQL server. */
export function incompleteList(server: string, problems: readonly string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5525",
    verdict: "failed",
    happened: `the platform's databases on ${server} (PostgreSQL) are not all there and usable`,
    evidence: problems,
    untouched: "Nothing was changed.",
    next: "Correct names (upper and lower case count) and tenants under cutover:operationalDatabases, grant CONNECT, or, where a database has no counterpart on purpose, add database/<name> to cutover:acknowledged in the stack file.",
    exitCode: 17,
  });
}
