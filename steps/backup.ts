import { resolve } from "node:path";
import { receiptsOfOpenRun } from "../clients/ledger-receipts.ts";
import { CutoverError } from "../model/error.ts";
import { backupStepSpec } from "../model/step-specs.ts";
import type { Receipt } from "../model/step.ts";
import { parseSpec, type Outcome, type StepContext } from "./context.ts";
import { backupProblem } from "./database/backup-files.ts";
import { isReadable } from "./work/files.ts";

/**
 * A good backup of this run is kept after its files were checked again: one taken before a migration began is never
 * replaced by one taken after. Evidence of other systems only has to be read.
 */
export async function quick(context: StepContext): Promise<Outcome | null> {
  const { backup } = parseSpec(backupStepSpec, context.request);
  if (backup.kind === "evidence") {
    const { judgeEvidence } = await import("./database/backup-evidence.ts");
    return judgeEvidence(context);
  }
  return keptBackup(context);
}

/** Makes the backup. Runs in a worker. */
export async function run(context: StepContext): Promise<Outcome> {
  const { service, database, backup, folder } = parseSpec(backupStepSpec, context.request);
  switch (backup.kind) {
    case "pgDump": {
      const { dumpDatabase } = await import("./database/pg-dump.ts");
      return dumpDatabase(context, { service: service.name, database, folder, jobs: backup.jobs });
    }
    case "command": {
      const { runBackupCommand } = await import("./database/backup-command.ts");
      return runBackupCommand(context, backup);
    }
    case "evidence": {
      const { judgeEvidence } = await import("./database/backup-evidence.ts");
      return judgeEvidence(context);
    }
  }
}

/** The newest good backup of this run, its files checked; null when a new one is needed. Says why. */
async function keptBackup(context: StepContext): Promise<Outcome | null> {
  const { service, backup } = parseSpec(backupStepSpec, context.request);
  const pages = await (await context.ledger()).pages();
  const good = receiptsOfOpenRun(pages, service.name, "backup").filter((receipt) => receipt.verdict === "passed");
  const receipt = good.findLast((candidate) => candidate.facts["kind"] === backup.kind);
  if (receipt === undefined) return null;
  const age = ageHours(receipt);
  if (age > backup.maxAgeHours) {
    context.progress(`the backup ${idOf(receipt)} is ${age.toFixed(1)} h old, a new one is taken beside it`);
    return null;
  }
  if (backup.kind === "pgDump" && !(await isGood(context, receipt))) return null;
  return {
    verdict: "passed",
    summary: `kept: ${receipt.summary.replace(/^kept: /, "")}`,
    evidence: [`taken in attempt ${takenIn(receipt)}, ${age.toFixed(1)} h ago`],
    facts: { ...receipt.facts, takenInAttempt: takenIn(receipt) },
    reused: true,
  };
}

/** True when every file is as it was written, false when the backup is gone. Throws CUT-5170 when it is damaged. */
async function isGood(context: StepContext, receipt: Receipt): Promise<boolean> {
  const { folder, sha256 } = receipt.facts;
  if (typeof folder !== "string" || typeof sha256 !== "string") return false;
  const path = resolve(context.root, folder);
  if (!(await isReadable(path))) {
    context.progress(
      `the backup ${idOf(receipt)} is gone from ${folder}: a new one is taken of the database as it is now`,
    );
    return false;
  }
  const problem = await backupProblem(path, sha256, context.signal);
  if (problem === null) return true;
  throw new CutoverError({
    code: "CUT-5170",
    verdict: "failed",
    happened: `the backup ${idOf(receipt)} that this run relies on is damaged`,
    evidence: [`${folder}: ${problem}`, `taken in attempt ${receipt.attempt}`],
    untouched: "Nothing was changed by this step.",
    next: `Put the file back; or remove ${folder}, then pulumi up takes a new backup of the database as it is now (a migration may have begun).`,
    exitCode: 16,
  });
}

function idOf(receipt: Receipt): string {
  const { backupId } = receipt.facts;
  return typeof backupId === "string" ? backupId : "without a name";
}

/** The attempt that did the work; a kept backup's receipt names it. */
function takenIn(receipt: Receipt): string {
  const { takenInAttempt } = receipt.facts;
  return typeof takenInAttempt === "string" ? takenInAttempt : receipt.attempt;
}

function ageHours(receipt: Receipt): number {
  const { finishedAt } = receipt.facts;
  const finished = Date.parse(typeof finishedAt === "string" ? finishedAt : receipt.startedAt);
  return (Date.now() - finished) / 3_600_000;
}
