/** One backup set as RESTORE HEADERONLY shows it; dates as milliseconds of the server's local time. */
export interface BackupHeader {
  name: string | null;
  database: string;
  /** 1: full. */
  type: number;
  finishedLocal: number;
  hasChecksums: boolean;
  isDamaged: boolean;
  isCopyOnly: boolean;
}

/**
 * Why a device does not hold the backup that was asked for, one line each; empty: it does. `notBeforeLocal`: the server's local
 * time when it was begun, in whole seconds as headers have them; null: it was begun by an earlier attempt.
 */
export function backupProblems(
  headers: readonly BackupHeader[],
  wanted: { name: string; database: string; notBeforeLocal: number | null },
): string[] {
  const [header, ...others] = headers;
  if (header === undefined) return ["there is no backup set on it"];
  if (others.length > 0)
    return [`${headers.length} backup sets are on it, and there must be one: it was written to before`];
  const problems: string[] = [];
  if (header.name !== wanted.name)
    problems.push(`the backup set is called ${header.name ?? "nothing"}, not ${wanted.name}`);
  if (header.database !== wanted.database)
    problems.push(`it is of database ${header.database}, not ${wanted.database}`);
  if (header.type !== 1) problems.push(`it is no full backup (type ${header.type})`);
  if (!header.isCopyOnly) problems.push("it is not COPY_ONLY");
  if (!header.hasChecksums) problems.push("it was written without checksums");
  if (header.isDamaged) problems.push("the server found damaged pages while it was written");
  if (wanted.notBeforeLocal !== null && header.finishedLocal < Math.floor(wanted.notBeforeLocal / 1000) * 1000) {
    problems.push("it was finished before it was begun: it is an older one");
  }
  return problems;
}
