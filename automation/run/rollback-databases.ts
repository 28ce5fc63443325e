import { knownBackups, wholePlatform, type KnownBackup } from "../../model/backups.ts";
import { databaseAnswer } from "../../model/database-answer.ts";
import { showDuration } from "../../model/duration.ts";
import { CutoverError } from "../../model/error.ts";
import type { Page } from "../../model/ledger.ts";
import type { OpenOperation } from "../../model/operation.ts";
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
  const known = knownBackups(pages);
  if (refused.length > 0 || missing.length > 0)
    throw needsBackup(driver, plan, [...refused, ...missing], missing.length > 0 ? known : null);
  for (const { target, answer } of answers) {
    const named = restore === undefined ? undefined : backupOf(target, known, restore);
    if (answer.kind === "needsRestore" && named !== undefined && !isBefore(named, target))
      throw takenAfter(driver, target, named, fitting(target, known));
  }
  return answers.map(({ target, answer }) =>
    answer.kind === "needsRestore"
      ? `${target.service}: its data goes back to the backup ${restore ?? ""}`
      : answer.text,
  );
}

/** The backups that a rollback of this service could restore: taken before its migration began. Newest first. */
function fitting(target: RollbackTarget, known: readonly KnownBackup[]): KnownBackup[] {
  const own = known.filter(({ service }) => service === target.service || service === wholePlatform);
  return own.filter((backup) => isBefore(backup, target));
}

function isBefore({ takenAt }: KnownBackup, { migratedAt }: RollbackTarget): boolean {
  return migratedAt === null || !(Date.parse(takenAt) >= Date.parse(migratedAt));
}

/** The backup that a person named, if it is one of this service; whether it is known and unique is asked where it is restored. */
function backupOf(target: RollbackTarget, known: readonly KnownBackup[], named: string): KnownBackup | undefined {
  const own = known.filter(({ service }) => service === target.service || service === wholePlatform);
  if (named === "latest") return own[0];
  return own.find(({ id }) => id === named) ?? own.find(({ id }) => id.endsWith(`/${named}`));
}

function needsBackup(
  driver: Driver,
  plan: RollbackPlan,
  problems: readonly { target: RollbackTarget; answer: { text: string } }[],
  backups: readonly KnownBackup[] | null,
): CutoverError {
  const { stack } = driver;
  const now = Date.now();
  const usable = problems.flatMap(({ target }) => (backups === null ? [] : fitting(target, backups).slice(0, 1)));
  const losses = problems.flatMap(({ target }) =>
    (backups === null ? [] : fitting(target, backups)).slice(0, 3).map(({ id, takenAt }) => {
      const lost = showDuration(now - Date.parse(takenAt));
      return `backup ${id}: what ${target.service} wrote from ${takenAt} to now (${lost}) would not be in it; it stays in the database that is replaced`;
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
        ? `cutover rollback ${stack} --restore ${usable[0]?.id ?? "BACKUP"} --yes`
        : `correct the release set's schemaClass, or restore by hand: cutover backup ${stack} --list`,
    exitCode: 19,
  });
}

/** A backup that has the migration in it would bring back what the old release cannot run on. */
function takenAfter(
  driver: Driver,
  target: RollbackTarget,
  named: KnownBackup,
  better: readonly KnownBackup[],
): CutoverError {
  const { stack } = driver;
  const [first] = better;
  return new CutoverError({
    code: "CUT-6404",
    verdict: "failed",
    happened: `the backup ${named.id} was taken after the migration of ${target.service} had begun: ${target.to} does not run on it`,
    evidence: [`migration begun: ${target.migratedAt ?? "?"}`, `backup taken: ${named.takenAt} (${named.origin})`],
    untouched: "Nothing was changed; the services run as they are.",
    next:
      first === undefined
        ? `There is no older backup that cutover knows of: cutover backup ${stack} --list; or restore by hand.`
        : `cutover rollback ${stack} --restore ${first.id} --yes`,
    exitCode: 19,
  });
}

/** The backup whose restore this rollback has begun before; undefined: none. */
export function begunRestore(pages: readonly Page[], resumed: OpenOperation | null): string | undefined {
  if (resumed === null) return undefined;
  const begun = pages.findIndex(({ entries }) =>
    entries.some((one) => one.kind === "operation" && one.id === resumed.id),
  );
  const entries = begun < 0 ? [] : pages.slice(begun).flatMap((page) => page.entries);
  return entries
    .flatMap((one) => (one.kind === "platformRestore" || one.kind === "restore" ? [one.backupId] : []))
    .at(-1);
}

/** Its own, or the platform's, which an upgrade API migrates. */
function hasDatabase(service: ResolvedService | undefined): boolean {
  return service === undefined || service.database !== null || service.migrate !== null;
}

/** True when this service goes back only with its backup. */
export function needsRestore(target: RollbackTarget, services: readonly ResolvedService[], onClones: boolean): boolean {
  if (target.removed && onClones) return false;
  return target.migratedAt !== null && services.find((one) => one.name === target.service)?.schemaClass === "restore";
}

/** What the rollback leaves behind in a database, in plain words. */
export function leftBy(target: RollbackTarget, services: readonly ResolvedService[]): string[] {
  const service = services.find((one) => one.name === target.service);
  if (service === undefined || !hasDatabase(service) || target.migratedAt === null || target.removed) return [];
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
