import { knownBackups, type KnownBackup } from "../../model/backups.ts";
import { showDuration } from "../../model/duration.ts";
import { CutoverError } from "../../model/error.ts";
import type { Page } from "../../model/ledger.ts";
import { summarize } from "../../model/ledger-summary.ts";
import type { OpenOperation } from "../../model/operation.ts";
import {
  databaseAnswer,
  planRollback,
  type RollbackPlan,
  type RollbackRequest,
  type RollbackTarget,
} from "../../model/rollback.ts";
import type { ResolvedService } from "../../model/service.ts";
import { planStack } from "../../stacks/stack-plan.ts";
import { openReleaseSets } from "../../stacks/release-sets.ts";
import { operatorName } from "../identity.ts";
import type { Driver } from "./driver.ts";
import { beginOperation } from "./operation.ts";
import { moveServices, type Moved } from "./move-services.ts";
import { refuseWhileDown } from "./third-parties.ts";

/** How a rollback ended. */
export interface RolledBack extends Moved {
  plan: Pick<RollbackPlan, "run" | "targets" | "release">;
  /** What was said about databases, one line each. */
  databases: string[];
  /** What is not taken back, in plain words. */
  leaves: string[];
}

export interface RollbackInput extends RollbackRequest {
  /** Id of the backup to restore for services of schema class `restore`. */
  restore?: string | undefined;
  reason: string;
}

/**
 * Takes services back to what was verified before (design.md 6): third parties are asked first, databases follow their schema class, then
 * one short `up` per service in reverse order with the same gates; at the end the stack is on hold. An unfinished rollback is continued.
 * Throws CUT-64xx before anything is touched when it cannot be done.
 */
export async function rollBack(driver: Driver, input: RollbackInput): Promise<RolledBack> {
  const { context, ledger, stack } = driver;
  const pages = await ledger.pages();
  const summary = summarize(pages);
  const services = await servicesOf(driver);
  const order = services.map((service) => service.name);
  if (summary.operation !== null && summary.operation.operation !== "rollback")
    throw otherOperation(stack, summary.operation);
  const resumed = summary.operation;
  const plan = planOf(driver, order, input, pages, resumed);
  const databases = judgeDatabases(driver, plan, services, { restore: input.restore, pages });
  for (const line of databases) context.output.note(line);
  await refuseWhileDown(driver, "the rollback");
  const id = resumed?.id ?? (await beginOperation(ledger, operationOf(plan, input.reason)));
  const restores = new Set(
    plan.targets.filter((target) => needsRestore(target, services)).map((target) => target.service),
  );
  const moved = await moveServices(driver, {
    standing: plan.standing,
    targets: plan.targets.map(({ service, to }) => ({ service, releaseSet: to })),
    release: plan.release,
    before: async ({ service }) => {
      if (input.restore === undefined || !restores.has(service)) return;
      const { restoreBackup } = await import("../database/restore.ts");
      const restored = await restoreBackup(context, { stack, service, backupId: input.restore, leaveStopped: true });
      databases.push(
        `${service}: restored from ${restored.restoredFrom}; what it replaced is kept as ${restored.replacedDatabase}`,
      );
    },
  });
  const by = operatorName();
  const passed = moved.stoppedAt === null;
  const what = plan.targets.map(({ service, to }) => `${service} to ${to}`).join(", ");
  await ledger.append([
    ...(passed
      ? [{ kind: "operationEnded" as const, id, verdict: "passed" as const, reason: `rolled back ${what}` }]
      : []),
    { kind: "hold", reason: `after a rollback of run ${plan.run}: ${input.reason}`, by },
  ]);
  const leaves = plan.targets
    .filter(({ service }) => !restores.has(service))
    .flatMap((target) => leftBy(target, services));
  return { ...moved, plan, databases, leaves };
}

async function servicesOf(driver: Driver): Promise<ResolvedService[]> {
  const { services } = await planStack(driver.context.root, driver.stack, () => driver.ledger.pages());
  return services.map(({ service }) => service);
}

function planOf(
  driver: Driver,
  order: readonly string[],
  input: RollbackInput,
  pages: Parameters<typeof planRollback>[0],
  resumed: OpenOperation | null,
): RollbackPlan {
  // A continued rollback plans as it did when it began: from the pages before it.
  const operationPage = pages.find((page) =>
    page.entries.some((entry) => entry.kind === "operation" && entry.id === resumed?.id),
  );
  const seen = operationPage === undefined ? pages : pages.filter((page) => page.number < operationPage.number);
  const request = resumed === null ? input : { ...input, service: undefined, toRun: undefined };
  const plan = planRollback(seen, order, request);
  if ("reason" in plan) {
    throw new CutoverError({
      code: "CUT-6401",
      verdict: "failed",
      happened: `there is no rollback for ${driver.stack}: ${plan.detail}`,
      untouched: "Nothing was changed.",
      next:
        plan.reason === "isRollback"
          ? `cutover history ${driver.stack}; to go to a certain state: cutover rollback ${driver.stack} --to RUN`
          : `cutover status ${driver.stack}`,
    });
  }
  if (resumed === null) return plan;
  const wanted = new Map(resumed.targets.map((target) => [target.service, target.releaseSet]));
  const targets = plan.targets.filter((target) => wanted.get(target.service) === target.to);
  return { ...plan, targets: targets.length > 0 ? targets : plan.targets };
}

function judgeDatabases(
  driver: Driver,
  plan: RollbackPlan,
  services: readonly ResolvedService[],
  question: { restore: string | undefined; pages: readonly Page[] },
): string[] {
  const { restore, pages } = question;
  const releaseOrder = openReleaseSets(driver.context.root, driver.settings.platform).order;
  const answers = plan.targets.map((target) => {
    const service = services.find((one) => one.name === target.service);
    return {
      target,
      answer: databaseAnswer(target, service?.schemaClass ?? "any", service?.database !== null, releaseOrder),
    };
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
      .filter((backup) => backup.service === service)
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

function needsRestore(target: RollbackTarget, services: readonly ResolvedService[]): boolean {
  return target.migrated && services.find((one) => one.name === target.service)?.schemaClass === "restore";
}

function operationOf(plan: RollbackPlan, reason: string): Parameters<typeof beginOperation>[1] {
  const targets = plan.targets.map(({ service, to }) => ({ service, releaseSet: to }));
  return { operation: "rollback", targets, reason, answersRun: plan.run };
}

function leftBy(target: RollbackTarget, services: readonly ResolvedService[]): string[] {
  const service = services.find((one) => one.name === target.service);
  if (service === undefined || service.database === null || !target.migrated) return [];
  return [`${target.service}: its database keeps the schema of ${target.from}`];
}

function otherOperation(stack: string, operation: OpenOperation): CutoverError {
  return new CutoverError({
    code: "CUT-6403",
    verdict: "failed",
    happened: `${stack} is in the middle of: ${operation.operation} (${operation.id})`,
    evidence: [`begun at ${operation.at} by ${operation.by}`],
    untouched: "Nothing was changed.",
    next: `cutover ${operation.operation} ${stack} finishes it`,
    exitCode: 19,
  });
}
