import { CutoverError } from "../../model/error.ts";
import { summarize } from "../../model/ledger-summary.ts";
import type { Page } from "../../model/ledger.ts";
import type { OpenOperation } from "../../model/operation.ts";
import { quiescedRun, type PastRun } from "../../model/past-runs.ts";
import type { RollbackPlan, RollbackRequest } from "../../model/rollback.ts";
import { editStackSettings } from "../../stacks/edit-stack-file.ts";
import type { ResolvedService } from "../../model/service.ts";
import { callsOf } from "../../model/upgrade-call.ts";
import { operatorName } from "../identity.ts";
import type { Driver } from "./driver.ts";
import { beginOperation } from "./operation.ts";
import type { Move } from "../../model/pins.ts";
import { moveServices, moveTogether, type Moved } from "./move-services.ts";
import { recordRemoved, unprotect } from "./remove-service.ts";
import { judgeDatabases, leftBy, needsRestore, restoredLines } from "./rollback-databases.ts";
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
  const summary = summarize(pages);
  const { services, outside } = await standingServices(driver, pages);
  const quiesced = summary.operation === null ? quiescedRun(pages) : null;
  if (quiesced !== null) return startAgain(driver, quiesced, outside, input.reason);
  const order = services.map((service) => service.name);
  if (summary.operation !== null && summary.operation.operation !== "rollback")
    throw otherOperation(stack, summary.operation);
  const resumed = summary.operation;
  const plan = withCalls(await planOf(driver, order, input, pages, resumed), services, pages);
  const onClones = outside.operationalDatabases?.mode === "clone";
  const databases = judgeDatabases(driver, plan, services, { restore: input.restore, pages, onClones });
  for (const line of databases) context.output.note(line);
  await refuseWhileDown(driver, "the rollback");
  const id = resumed?.id ?? (await beginOperation(ledger, operationOf(plan, input.reason)));
  const restores = new Set(
    plan.targets.filter((target) => needsRestore(target, services, onClones)).map((target) => target.service),
  );
  const whole = restores.size > 0 && outside.operationalDatabases !== null;
  if (whole && input.restore !== undefined) {
    const touched = services.filter(({ name }) => plan.targets.some(({ service }) => service === name));
    databases.push(...(await restoreTogether(driver, id, { named: input.restore, services: touched, outside })));
  }
  const going = new Set(plan.targets.filter(({ removed }) => removed).map(({ service }) => service));
  const how = {
    standing: plan.standing,
    targets: plan.targets.map(({ service, to }) => ({ service, releaseSet: to })),
    release: plan.release,
    before: async ({ service }: Move): Promise<void> => {
      if (going.has(service)) await unprotect(driver, service);
      if (whole || input.restore === undefined || !restores.has(service)) return;
      const { restoreBackup } = await import("../database/restore.ts");
      const restored = await restoreBackup(context, { stack, service, backupId: input.restore, leaveStopped: true });
      databases.push(
        `${service}: restored from ${restored.restoredFrom}; what it replaced is kept as ${restored.replacedDatabase}`,
      );
    },
    after: async ({ service }: Move): Promise<void> => {
      const gone = services.find(({ name }) => name === service);
      if (going.has(service) && gone !== undefined) await recordRemoved(driver, gone);
    },
  };
  // Pulumi removes resources after everything else, whatever their order: a removal takes an `up` of its own.
  const moved = await (going.size === 0 ? moveTogether(driver, how) : moveServices(driver, how));
  if (moved.stoppedAt === null && plan.targets.every(({ removed }) => removed)) {
    const { returnToNodes } = await import("../platform/return-to-nodes.ts");
    databases.push(...(await returnToNodes(driver, plan.release, outside)));
  }
  await recordEnd(driver, id, plan, { passed: moved.stoppedAt === null, reason: input.reason });
  const leaves = plan.targets
    .filter(({ service }) => !restores.has(service))
    .flatMap((target) => leftBy(target, services));
  return { ...moved, plan, databases, leaves };
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

/** An upgrade API's call is in the ledger before its first byte: without one nothing was asked to migrate. */
function withCalls(plan: RollbackPlan, services: readonly ResolvedService[], pages: readonly Page[]): RollbackPlan {
  const targets = plan.targets.map((target) => {
    const migrate = services.find(({ name }) => name === target.service)?.migrate ?? null;
    if (migrate === null || !("kind" in migrate)) return target;
    const made = callsOf(pages, target.service).some(
      ({ run, phase, undone }) => run === plan.run && !undone && phase !== "notSent" && phase !== "refused",
    );
    return { ...target, migrated: made };
  });
  return { ...plan, targets };
}

/** Nothing was released or migrated yet: the nodes that were stopped for it run again, and the stack file names their release set. */
async function startAgain(
  driver: Driver,
  run: PastRun,
  outside: Standing["outside"],
  reason: string,
): Promise<RolledBack> {
  const { context, ledger, stack } = driver;
  const release = await releaseOfNodes(driver, run.releaseSet);
  const targets: RollbackPlan["targets"] = [];
  const id = await beginOperation(ledger, { operation: "rollback", targets: [], reason, answersRun: run.number });
  const { returnToNodes } = await import("../platform/return-to-nodes.ts");
  const databases = [
    "the databases stay as they are: no migration had begun",
    ...(await returnToNodes(driver, release, outside)),
  ];
  await editStackSettings(context.root, stack, { release, pins: null });
  await ledger.append([
    { kind: "operationEnded", id, verdict: "passed", reason: databases.at(-1) ?? "" },
    { kind: "hold", reason: `after a rollback of run ${run.number}: ${reason}`, by: operatorName() },
  ]);
  return { done: [], stoppedAt: null, plan: { run: run.number, targets, release }, databases, leaves: [] };
}

function operationOf(plan: RollbackPlan, reason: string): Parameters<typeof beginOperation>[1] {
  const targets = plan.targets.map(({ service, to }) => ({ service, releaseSet: to }));
  return { operation: "rollback", targets, reason, answersRun: plan.run };
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
