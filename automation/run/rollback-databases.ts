import { knownBackups, wholePlatform, type KnownBackup } from "../../model/backups.ts";
import { databaseAnswer } from "../../model/database-answer.ts";
import { showDuration } from "../../model/duration.ts";
import { CutoverError } from "../../model/error.ts";
import type { Page } from "../../model/ledger.ts";
import type { RollbackPlan, RollbackTarget } from "../../model/rollback.ts";
import type { ResolvedService } from "../../model/service.ts";
import { openReleaseSets } from "../../stacks/release-sets.ts";
import type { PlatformRestored } from "../platform/restore-platform.ts";
import type { Driver } from "./driver.ts";

/** One line per service on what becomes of its database. Throws CUT-6402 (exit code 19) when that needs a person. */
export function judgeDatabases(
  driver: Driver,
  plan: RollbackPlan,
  services: readonly ResolvedService[],
  question: { restore: string | undefined; pages: readonly Page[]; onClones: boolean },
): string[] {
  const { restore, pages, onClones } = question;
  const releaseOrder = openReleaseSets(driver.context.root, driver.settings.platform).order;
  const answers = plan.targets.map((target) => {
    const service = services.find((one) => one.name === target.service);
    const schemaClass = service?.schemaClass ?? "any";
    return { target, answer: databaseAnswer(target, schemaClass, hasDatabase(service), releaseOrder, onClones) };
  });
  const refused = answers.filter(({ answer }) => answer.kind === "refused");
  const missing = answers.filter(({ answer }) => answer.kind === "needsRestore" && restore === undefined);
  if (refused.length > 0 || missing.length > 0)
    throw needsBackup(driver, plan, [...refused, ...missing], missing.length > 0 ? knownBackups(pages) : null);
  return answers.map(({ answer }) => answer.text);
}

function needsBackup(
  driver: Driver,
  plan: RollbackPlan,
  problems: readonly { target: RollbackTarget; answer: { text: string } }[],
  backups: readonly KnownBackup[] | null,
): CutoverError {
  const { stack } = driver;
  const now = Date.now();
  const losses = problems.flatMap(({ target: { service } }) =>
    (backups ?? [])
      .filter((backup) => backup.service === service || backup.service === wholePlatform)
      .slice(0, 3)
      .map(({ id, takenAt }) => {
        const lost = showDuration(now - Date.parse(takenAt));
        return `backup ${id}: what ${service} wrote from ${takenAt} to now (${lost}) would not be in it; it stays in the database that is replaced`;
      }),
  );
  return new CutoverError({
    code: "CUT-6402",
    verdict: "inconclusive",
    happened: `the rollback of run ${plan.run} needs a person: a database does not fit the old release`,
    evidence: [...problems.map(({ answer }) => answer.text), ...losses],
    untouched: "Nothing was changed; the services run as they are.",
    next:
      backups !== null
        ? `cutover rollback ${stack} --restore ${backups[0]?.id ?? "BACKUP"} --yes`
        : `correct the release set's schemaClass, or restore by hand: cutover backup ${stack} --list`,
    exitCode: 19,
  });
}

/** Its own, or the platform's, which an upgrade API migrates. */
function hasDatabase(service: ResolvedService | undefined): boolean {
  return service === undefined || service.database !== null || service.migrate !== null;
}

/** True when this service goes back only with its backup. */
export function needsRestore(target: RollbackTarget, services: readonly ResolvedService[], onClones: boolean): boolean {
  if (target.removed && onClones) return false;
  return target.migrated && services.find((one) => one.name === target.service)?.schemaClass === "restore";
}

/** What the rollback leaves behind in a database, in plain words. */
export function leftBy(target: RollbackTarget, services: readonly ResolvedService[]): string[] {
  const service = services.find((one) => one.name === target.service);
  if (service === undefined || !hasDatabase(service) || !target.migrated || target.removed) return [];
  return [`${target.service}: its database keeps the schema of ${target.from}`];
}

/** One line per database that is back. Null: it was done before. */
export function restoredLines(restored: PlatformRestored | null): string[] {
  if (restored === null) return ["all databases were restored by this rollback before"];
  const { from, to } = restored.lostInterval;
  return [
    ...restored.databases.map(({ database, kept }) =>
      kept === null
        ? `${database}: restored from ${restored.backupId}`
        : `${database}: restored from ${restored.backupId}; what it replaced is kept as ${kept}`,
    ),
    `what was written from ${from} to ${to} is only in the kept databases`,
  ];
}
