import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { specOf } from "../../components/service-specs.ts";
import { CutoverError } from "../../model/error.ts";
import type { BackupSpec } from "../../model/release-set.ts";
import { run as runBackupStep } from "../../steps/backup.ts";
import { redactText } from "../../steps/redaction.ts";
import { operatorName } from "../identity.ts";
import type { ServiceNow } from "../planned-services.ts";
import { identityNow, manualAttempt, openStepWork } from "../step-work.ts";
import type { VerbContext } from "../verb.ts";

/** A backup that `cutover backup` took. Evidence of another system has neither folder nor sha256. */
export interface TakenBackup {
  service: string;
  id: string | null;
  kind: string;
  folder: string | null;
  sha256: string | null;
  bytes: number | null;
  seconds: number;
  summary: string;
}

// A service whose release set declares no backup can be backed up all the same.
const usual: BackupSpec = { kind: "pgDump", jobs: 2, maxAgeHours: 24 };

/**
 * Takes a backup of one service by the code of the step `backup`, outside any run, and records it. The caller holds the stack's lock.
 * Throws the step's errors (exit code 16).
 */
export async function takeBackup(context: VerbContext, stack: string, now: ServiceNow): Promise<TakenBackup> {
  const settings = context.settings(stack);
  const { service } = now;
  const began = performance.now();
  const spec = specOf("backup", { ...service, backup: service.backup ?? usual }, identityNow(now), [], {
    prometheus: null,
    backupFolder: settings.backupFolder,
    acknowledged: settings.acknowledged,
    outside: now.outside,
  });
  await removeUnfinished(join(resolve(context.root, settings.backupFolder), stack, service.name));
  const work = { stack, step: "backup" as const, attempt: manualAttempt(new Date()), spec };
  const connections = await openStepWork(context, now, work);
  try {
    const { facts = {}, summary, verdict, evidence } = await runBackupStep(connections.context);
    if (verdict !== "passed") throw notPassed(service.name, verdict, summary, evidence ?? []);
    const text = (name: string): string | null => {
      const value = facts[name];
      return typeof value === "string" ? value : null;
    };
    const taken: TakenBackup = {
      service: service.name,
      id: text("backupId"),
      kind: text("kind") ?? "unknown",
      folder: text("folder"),
      sha256: text("sha256"),
      bytes: typeof facts["bytes"] === "number" ? facts["bytes"] : null,
      seconds: Math.round((performance.now() - began) / 100) / 10,
      summary: redactText(summary),
    };
    await record(context, stack, taken, text("startedAt") ?? text("finishedAt"));
    return taken;
  } finally {
    await connections.close();
  }
}

async function record(context: VerbContext, stack: string, taken: TakenBackup, takenAt: string | null): Promise<void> {
  const ledger = await context.ledger(stack);
  const { id, service, folder, sha256, bytes } = taken;
  if (id !== null && folder !== null && sha256 !== null) {
    const at = takenAt ?? new Date().toISOString();
    await ledger.append({
      kind: "backup",
      service,
      backupId: id,
      folder,
      sha256,
      bytes: bytes ?? 0,
      takenAt: at,
      by: operatorName(),
    });
  } else {
    await ledger.append({ kind: "note", text: `backup of ${service}: ${taken.summary}`, data: { ...taken } });
  }
}

/** Under the stack's lock no other `cutover backup` is at work: what is unfinished is a dead one's. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (/^manual-.*\.part$/.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

function notPassed(service: string, verdict: string, summary: string, evidence: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-6316",
    verdict: verdict === "failed" ? "failed" : "errored",
    happened: `there is no good backup of ${service}: ${summary}`,
    evidence,
    untouched: "The service and its database.",
    next: "Remove the cause, then run the same command again.",
    exitCode: 16,
  });
}
