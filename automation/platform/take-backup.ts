import type { StackContext } from "../../components/context.ts";
import { wholePlatform } from "../../model/backups.ts";
import { CutoverError } from "../../model/error.ts";
import { run as runBackupStep } from "../../steps/platform/backup.ts";
import { redactText } from "../../steps/redaction.ts";
import { operatorName } from "../identity.ts";
import { manualAttempt, openStepWork } from "../step-work.ts";
import type { TakenBackup } from "../database/take-backup.ts";
import type { VerbContext } from "../verb.ts";

/**
 * Saves all operational databases and nodes by the code of the platform's step `backup`, outside any run, and records it. Nothing is
 * stopped for it. The caller holds the stack's lock. Throws the step's errors (exit code 16).
 */
export async function takePlatformBackup(
  context: VerbContext,
  stack: string,
  outside: StackContext["outside"],
): Promise<TakenBackup> {
  const { backupFolder: folder, acknowledged } = context.settings(stack);
  const began = performance.now();
  const { nodes, procedure, operationalDatabases } = outside;
  const spec = { nodes, procedure, operationalDatabases, folder, acknowledged };
  const work = { stack, step: "backup" as const, attempt: manualAttempt(new Date()), spec };
  const connections = await openStepWork(context, null, work);
  try {
    const { facts = {}, summary, verdict, evidence } = await runBackupStep(connections.context);
    const text = (name: string): string => (typeof facts[name] === "string" ? facts[name] : "");
    if (verdict !== "passed") throw notPassed(summary, evidence ?? []);
    const taken: TakenBackup = {
      service: wholePlatform,
      id: text("backupId"),
      kind: "platform",
      folder: text("folder"),
      sha256: text("sha256"),
      bytes: typeof facts["bytes"] === "number" ? facts["bytes"] : null,
      seconds: Math.round((performance.now() - began) / 100) / 10,
      summary: redactText(summary),
    };
    await (
      await context.ledger(stack)
    ).append({
      kind: "backup",
      service: wholePlatform,
      backupId: text("backupId"),
      folder: text("folder"),
      sha256: text("sha256"),
      bytes: taken.bytes ?? 0,
      takenAt: text("startedAt"),
      by: operatorName(),
    });
    return taken;
  } finally {
    await connections.close();
  }
}

function notPassed(summary: string, evidence: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-6353",
    verdict: "errored",
    happened: `there is no good backup of the platform: ${summary}`,
    evidence,
    untouched: "Services, databases and nodes.",
    next: "Remove the cause, then run the same command again.",
    exitCode: 16,
  });
}
