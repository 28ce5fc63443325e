/** One backup as another system lists it. Times are ISO 8601 in UTC. */
export interface BackupRecord {
  id: string;
  /** full, diff, incr, or what the tool calls it. */
  type: string;
  finishedAt: string;
  complete: boolean;
  /** Why it is not complete. */
  problem: string | null;
  /** PostgreSQL's system identifier of the server that was backed up; null where the tool does not tell. */
  system: string | null;
  bytes: number | null;
}

/** The newest good backup, or why there is none. */
export type EvidenceJudgement =
  { newest: BackupRecord; evidence: string[] } | { newest: null; why: string; evidence: string[] };

/**
 * Looks for a complete backup of the server with that system identifier that ended at most `maxAgeHours` before `now`
 * (milliseconds since the epoch). A time in the future is no evidence.
 */
export function judgeBackups(
  records: readonly BackupRecord[],
  wanted: { system: string | null; maxAgeHours: number; now: number },
): EvidenceJudgement {
  const age = (record: BackupRecord): number => (wanted.now - Date.parse(record.finishedAt)) / 3_600_000;
  const newestFirst = [...records].sort((a, b) => age(a) - age(b));
  const evidence = newestFirst.slice(0, 5).map((record) => describe(record, age(record)));
  if (records.length === 0) return { newest: null, why: "there is no backup", evidence };
  const complete = newestFirst.filter((record) => record.complete && !Number.isNaN(age(record)));
  if (complete.length === 0) return { newest: null, why: "no backup is complete", evidence };
  const own = complete.filter(
    (record) => record.system === null || wanted.system === null || record.system === wanted.system,
  );
  const [first] = complete;
  if (own.length === 0) {
    const why = `its backups are of system ${first?.system ?? "unknown"}, the service's database is on ${wanted.system ?? "unknown"}`;
    return { newest: null, why, evidence };
  }
  // Five minutes: the clocks of two machines differ.
  const past = own.filter((record) => age(record) > -5 / 60);
  const [newest] = past;
  if (newest === undefined) return { newest: null, why: "its backups claim to end in the future", evidence };
  if (!(age(newest) <= wanted.maxAgeHours)) {
    const why = `the newest complete backup is ${age(newest).toFixed(1)} h old, allowed are ${wanted.maxAgeHours} h`;
    return { newest: null, why, evidence };
  }
  const unproven = newest.system === null || wanted.system === null;
  const note = "the server's identity could not be compared: the tool or the database does not tell it";
  return { newest, evidence: unproven ? [...evidence, note] : [...evidence, `system identifier ${newest.system}`] };
}

/** Names a backup of another system over all systems. */
export function backupIdOf(tool: string, name: string, id: string): string {
  return `${tool}:${name}:${id}`;
}

function describe(record: BackupRecord, hours: number): string {
  const state = record.complete ? "complete" : (record.problem ?? "not complete");
  return `${record.id}: ${record.type}, ${state}, finished ${record.finishedAt} (${hours.toFixed(1)} h ago)`;
}
