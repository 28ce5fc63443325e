import { SqlServerError } from "../../clients/sqlserver/sql-error.ts";
import { CutoverError } from "../../model/error.ts";
import type { DatabaseBackup } from "../../model/platform-backup.ts";

/** Where in the work an error came. `taken`: the target exists. */
export type RestorePart = "verify" | "files" | "failed" | "lost" | "taken";

interface KnownProblem {
  code: `CUT-${number}`;
  numbers: readonly number[];
  /** Found in the server's words where the number says too little: 3202 and 3203 carry any error of the operating system. */
  text?: RegExp;
  what: (backup: DatabaseBackup) => string;
  next: string;
}

// Numbers of sys.messages; SQL:relational-databases/errors-events/database-engine-events-and-errors.md.
const problems: readonly KnownProblem[] = [
  {
    code: "CUT-5531",
    numbers: [3169],
    what: ({ database }) => `the backup of ${database} is of a newer SQL Server than the one that shall restore it`,
    next: "Use a server of the same or a later version.",
  },
  {
    code: "CUT-5532",
    numbers: [33111],
    what: ({ database }) =>
      `${database} is encrypted (TDE), and the server does not have the certificate that opens its backup`,
    next: "Bring the certificate and its private key to that server: BACKUP CERTIFICATE on the source, CREATE CERTIFICATE ... FROM FILE on the target. Then run the same command again.",
  },
  {
    code: "CUT-5533",
    numbers: [3201, 3271, 3298],
    what: ({ database, path }) => `the server that shall restore ${database} cannot open ${path}`,
    next: "The path is opened by the SQL Server itself: use a share or a URL that both servers can read as cutover:operationalDatabases.backupFolder, and give the service account the right to read it.",
  },
  {
    code: "CUT-5534",
    numbers: [262, 3110, 15247, 916],
    what: ({ database }) => `the login may not restore ${database}`,
    next: "It needs CREATE DATABASE (server role dbcreator) on that server, and the role db_owner in the copies.",
  },
  {
    code: "CUT-5535",
    numbers: [3257],
    text: /\b112\(|not enough space on the disk/i,
    what: ({ database }) => `there is not enough space for ${database} on the server`,
    next: "Free space there, or set cutover:operationalDatabases.clone.dataFolder to another disk.",
  },
];

/** What a failed statement of a verification or restore means; what is no statement's error stays as it is. Exit code 16. */
export function restoreError(
  part: RestorePart,
  backup: DatabaseBackup,
  target: string | null,
  cause: unknown,
): unknown {
  if (part === "taken") return taken(target ?? backup.database);
  if (!(cause instanceof SqlServerError)) return cause;
  const reading = part === "verify" || part === "files";
  const evidence = cause.details.evidence ?? [];
  const untouched = reading ? "No database was made, changed or removed." : "All other databases.";
  const known = problems.find(
    ({ numbers, text }) => cause.has(...numbers) || (text !== undefined && evidence.some((line) => text.test(line))),
  );
  const details = { evidence, untouched, exitCode: 16 };
  if (known !== undefined) {
    const { code, next } = known;
    return new CutoverError({ ...details, code, verdict: "failed", happened: known.what(backup), next }, { cause });
  }
  const verdict = part === "lost" || cause.failure !== "refused" ? "errored" : "failed";
  if (reading) return new CutoverError({ ...details, ...unreadable(backup), verdict }, { cause });
  return new CutoverError(
    {
      ...details,
      code: "CUT-5538",
      verdict,
      happened: `${target ?? backup.database} was not restored to its end`,
      next: "Remove the cause, then run the same command again: what is half made is removed and made again.",
    },
    { cause },
  );
}

function unreadable({ database }: DatabaseBackup): { code: "CUT-5537"; happened: string; next: string } {
  return {
    code: "CUT-5537",
    happened: `the backup of ${database} cannot be read back`,
    next: "Choose another backup, or repair the place where it is kept.",
  };
}

/** The file is not the backup that was taken. */
export function wrongBackup(backup: DatabaseBackup, problem: string): CutoverError {
  return new CutoverError({
    ...unreadable(backup),
    verdict: "failed",
    evidence: [`${backup.path}: ${problem}`],
    untouched: "No database was made, changed or removed.",
    exitCode: 16,
  });
}

export function olderSqlServer({ database }: DatabaseBackup, from: number, to: number): CutoverError {
  return new CutoverError({
    code: "CUT-5531",
    verdict: "failed",
    happened: `the backup of ${database} is of a newer SQL Server than the one that shall restore it`,
    evidence: [`backup: major version ${from}, server: ${to}`],
    untouched: "No database was made, changed or removed.",
    next: "Use a server of the same or a later version.",
    exitCode: 16,
  });
}

export function missingFolder(): CutoverError {
  return new CutoverError({
    code: "CUT-5539",
    verdict: "failed",
    happened: "the server does not say where its data files are",
    untouched: "No database was made, changed or removed.",
    next: "Set cutover:operationalDatabases.clone.dataFolder and logFolder.",
    exitCode: 2,
  });
}

function taken(target: string): CutoverError {
  return new CutoverError({
    code: "CUT-5505",
    verdict: "failed",
    happened: `${target} came to be while this was under way: nothing is restored over it`,
    untouched: `${target} and all other databases.`,
    next: "Find out who made it, rename or remove it, then run the same command again.",
    exitCode: 15,
  });
}
