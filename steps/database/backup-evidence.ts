import { runProcess } from "../../clients/process.ts";
import { backupIdOf, judgeBackups, type BackupRecord } from "../../model/backup-evidence.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import { backupStepSpec } from "../../model/step-specs.ts";
import { parseSpec, type Outcome, type StepContext } from "../context.ts";
import { readBarman } from "./barman.ts";
import { readSystemIdentifier } from "./inventory-snapshot.ts";
import { readPgBackRest } from "./pgbackrest.ts";

const patienceMilliseconds = 120_000;

/** Reads the JSON of pgBackRest or Barman and passes when it proves a recent, complete backup of this very server. */
export async function judgeEvidence(context: StepContext): Promise<Outcome> {
  const { backup, database } = parseSpec(backupStepSpec, context.request);
  if (backup.kind !== "evidence") throw new Error("not a backup of kind evidence");
  const system = await readSystemIdentifier(await context.postgres(database));
  const text = await printed(context, backup.command);
  let records: BackupRecord[];
  try {
    records = backup.tool === "pgbackrest" ? readPgBackRest(text, backup.name) : readBarman(text, backup.name);
  } catch (error) {
    if (error instanceof CutoverError) throw error;
    throw refused(`the output of ${backup.command[0]} is not what ${backup.tool} prints`, [messageOf(error)], error);
  }
  const judged = judgeBackups(records, { system, maxAgeHours: backup.maxAgeHours, now: Date.now() });
  if (judged.newest === null) throw refused(`${backup.tool} ${backup.name}: ${judged.why}`, judged.evidence);
  const { newest } = judged;
  return {
    verdict: "passed",
    summary: `${backup.tool} ${backup.name}: ${newest.type} backup ${newest.id} finished ${newest.finishedAt}`,
    evidence: judged.evidence,
    facts: {
      kind: "evidence",
      backupId: backupIdOf(backup.tool, backup.name, newest.id),
      type: newest.type,
      finishedAt: newest.finishedAt,
      bytes: newest.bytes,
      systemIdentifier: newest.system,
    },
  };
}

async function printed(context: StepContext, command: readonly string[]): Promise<string> {
  const result = await runProcess(command, {
    cwd: context.root,
    signal: context.signal,
    timeoutMilliseconds: patienceMilliseconds,
    maxOutputBytes: 16 * 1024 * 1024,
  });
  context.signal.throwIfAborted();
  if (result.exitCode === 0 && !result.truncated) return result.stdout;
  const how = result.timedOut ? "no end within 120 s" : `exit code ${result.exitCode ?? result.endedBy}`;
  throw refused(`${command[0]} failed: ${how}`, result.stderr.trim().split("\n").slice(-8));
}

function refused(happened: string, evidence: string[], cause?: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-5160",
      verdict: "failed",
      happened,
      evidence,
      untouched: "The service was not changed.",
      next: "Take a backup with the tool named above, then run pulumi up again.",
      exitCode: 16,
    },
    { cause },
  );
}
