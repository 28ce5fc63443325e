import { CutoverError } from "../../model/error.ts";
import { summarize } from "../../model/ledger-summary.ts";
import type { OpenOperation } from "../../model/operation.ts";
import { untouchedRun, type UntouchedRun } from "../../model/past-runs.ts";
import { standingAfterwards, type RollbackPlan, type RollbackRequest } from "../../model/rollback.ts";
import { editStackSettings } from "../../stacks/edit-stack-file.ts";
import type { Page } from "../../model/ledger.ts";
import type { ResolvedService } from "../../model/service.ts";
import { operatorName } from "../identity.ts";
import type { Driver } from "./driver.ts";
import { beginOperation } from "./operation.ts";
import { settingsFor, type Move } from "../../model/pins.ts";
import { moveServices, moveTogether, type Moved } from "./move-services.ts";
import { recordRemoved, unprotect } from "./remove-service.ts";
import { begunRestore, judgeDatabases, leftBy, needsRestore, restoredLines } from "./rollback-databases.ts";
import { planOf, releaseOfNodes, standingServices, type Standing } from "./rollback-plan.ts";
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
 * one `up` that takes the services in reverse order with the same gates; at the end the stack is on hold. An unfinished rollback is continued.
 * Throws CUT-64xx before anything is touched when it cannot be done.
 */
export async function rollBack(driver: Driver, input: RollbackInput): Promise<RolledBack> {
  const { context, ledger, stack } = driver;
  const pages = await ledger.pages();
  const { services, outside } = await standingServices(driver, pages);
  const resumed = summarize(pages).operation;
  refuseOther(stack, resumed);
  const untouched = untouchedBy(pages, input, resumed);
  if (untouched !== null) return takeBackUntouched(driver, { ...untouched, resumed, outside, reason: input.reason });
  const plan = await planOf(driver, services, input, pages, resumed);
  const onClones = outside.operationalDatabases?.mode === "clone";
  // It was confirmed when it began; whoever continues need not name it again.
  const restore = input.restore ?? begunRestore(pages, resumed);
  const databases = judgeDatabases(driver, plan, services, { restore, pages, onClones });
  for (const line of databases) context.output.note(line);
  await refuseWhileDown(driver, "the rollback");
  const id = resumed?.id ?? (await beginOperation(ledger, operationOf(plan, input.reason)));
  const restores = new Set(
    plan.targets.filter((target) => needsRestore(target, services, onClones)).map((target) => target.service),
  );
  const whole = restores.size > 0 && outside.operationalDatabases !== null;
  if (whole && restore !== undefined) {
    const touched = services.filter(({ name }) => plan.targets.some(({ service }) => service === name));
    databases.push(...(await restoreTogether(driver, id, { named: restore, services: touched, outside })));
  }
  const going = new Set(plan.targets.filter(({ removed }) => removed).map(({ service }) => service));
  const restoreOwn = whole || restore === undefined ? null : restore;
  const how = {
    standing: plan.standing,
    targets: plan.targets.map(({ service, to }) => ({ service, releaseSet: to })),
    release: plan.release,
    before: async ({ service }: Move): Promise<void> => {
      if (going.has(service)) await unprotect(driver, service);
      if (restoreOwn !== null && restores.has(service)) databases.push(await restoreOne(driver, service, restoreOwn));
    },
    after: async ({ service }: Move): Promise<void> => {
      const gone = services.find(({ name }) => name === service);
      if (going.has(service) && gone !== undefined) await recordRemoved(driver, gone);
    },
  };
  // Pulumi removes resources after everything else, whatever their order: a removal takes an `up` of its own.
  const moved = await (going.size === 0 ? moveTogether(driver, how) : moveServices(driver, how));
  if (moved.stoppedAt === null && going.size > 0) databases.push(...(await backOnNodes(driver, plan, outside)));
  await recordEnd(driver, id, plan, { passed: moved.stoppedAt === null, reason: input.reason });
  const leaves = plan.targets
    .filter(({ service }) => !restores.has(service))
    .flatMap((target) => leftBy(target, services));
  return { ...moved, plan, databases, leaves };
}

function untouchedBy(pages: readonly Page[], input: RollbackInput, resumed: OpenOperation | null): UntouchedRun | null {
  if (input.service !== undefined || input.toRun !== undefined) return null;
  const untouched = untouchedRun(pages);
  return resumed === null || resumed.answersRun === untouched?.run.number ? untouched : null;
}

/** What ran before on nodes runs again once nothing of what came after is left: both would work on the same databases. */
async function backOnNodes(driver: Driver, plan: RollbackPlan, outside: Standing["outside"]): Promise<string[]> {
  const left = [...standingAfterwards(plan)].map(([service, set]) => `${service} (${set})`);
  const release = plan.targets.find(({ removed }) => removed)?.to ?? plan.release;
  if (left.length > 0) return [`${release} was not started again, since ${left.join(", ")} still stands`];
  const { returnToNodes } = await import("../platform/return-to-nodes.ts");
  return returnToNodes(driver, plan.release, outside);
}

/** A service's own database, just before it is moved. */
async function restoreOne({ context, stack }: Driver, service: string, backupId: string): Promise<string> {
  const { restoreBackup } = await import("../database/restore.ts");
  const restored = await restoreBackup(context, { stack, service, backupId, leaveStopped: true });
  return `${service}: restored from ${restored.restoredFrom}; what it replaced is kept as ${restored.replacedDatabase}`;
}

/** All operational databases, before any service is moved; once within one rollback. */
async function restoreTogether(
  { context, ledger, stack }: Driver,
  operation: string,
  how: { named: string; services: readonly ResolvedService[]; outside: Standing["outside"] },
): Promise<string[]> {
  const begun = (await ledger.pages()).find(({ entries }) =>
    entries.some((entry) => entry.kind === "operation" && entry.id === operation),
  );
  const { restorePlatform } = await import("../platform/restore-platform.ts");
  return restoredLines(await restorePlatform(context, { stack, ...how, sincePage: begun?.number ?? 0 }));
}

async function recordEnd(
  { ledger }: Driver,
  id: string,
  plan: RollbackPlan,
  { passed, reason }: { passed: boolean; reason: string },
): Promise<void> {
  const what = plan.targets.map(({ service, to }) => `${service} to ${to}`).join(", ");
  const ended = { kind: "operationEnded", id, verdict: "passed", reason: `rolled back ${what}` } as const;
  const hold = { kind: "hold", reason: `after a rollback of run ${plan.run}: ${reason}`, by: operatorName() } as const;
  await ledger.append(passed ? [ended, hold] : [hold]);
}

/**
 * Nothing was released or migrated yet: nodes that were stopped for it run again, services stay as they are, and the stack file names what
 * stands.
 */
async function takeBackUntouched(
  driver: Driver,
  how: UntouchedRun & { resumed: OpenOperation | null; outside: Standing["outside"]; reason: string },
): Promise<RolledBack> {
  const { run, standing, resumed, outside, reason } = how;
  const { context, ledger, stack } = driver;
  const begun = { operation: "rollback", targets: [], reason, answersRun: run.number } as const;
  const id = resumed?.id ?? (await beginOperation(ledger, { ...begun, targets: [] }));
  const release = mostly(standing) ?? (await releaseOfNodes(driver, run.releaseSet));
  const databases = ["the databases stay as they are: no migration had begun"];
  if (standing.size > 0) databases.push(`run ${run.number} touched no service: ${describeStanding(standing)}`);
  else {
    const { returnToNodes } = await import("../platform/return-to-nodes.ts");
    databases.push(...(await returnToNodes(driver, release, outside)));
  }
  await editStackSettings(context.root, stack, settingsFor(release, standing));
  await ledger.append([
    { kind: "operationEnded", id, verdict: "passed", reason: databases.at(-1) ?? "" },
    { kind: "hold", reason: `after a rollback of run ${run.number}: ${reason}`, by: operatorName() },
  ]);
  return { done: [], stoppedAt: null, plan: { run: run.number, targets: [], release }, databases, leaves: [] };
}

function describeStanding(standing: ReadonlyMap<string, string>): string {
  return [...standing].map(([service, set]) => `${service} stays at ${set}`).join(", ");
}

/** The release set of most services; null: there is none. */
function mostly(standing: ReadonlyMap<string, string>): string | null {
  const sets = [...standing.values()];
  const count = (set: string): number => sets.filter((one) => one === set).length;
  return sets.sort((a, b) => count(b) - count(a))[0] ?? null;
}

function operationOf(plan: RollbackPlan, reason: string): Parameters<typeof beginOperation>[1] {
  const targets = plan.targets.map(({ service, to }) => ({ service, releaseSet: to }));
  return { operation: "rollback", targets, reason, answersRun: plan.run };
}

function refuseOther(stack: string, operation: OpenOperation | null): void {
  if (operation === null || operation.operation === "rollback") return;
  throw new CutoverError({
    code: "CUT-6403",
    verdict: "failed",
    happened: `${stack} is in the middle of: ${operation.operation} (${operation.id})`,
    evidence: [`begun at ${operation.at} by ${operation.by}`],
    untouched: "Nothing was changed.",
    next: `cutover ${operation.operation} ${stack} finishes it`,
    exitCode: 19,
  });
}
