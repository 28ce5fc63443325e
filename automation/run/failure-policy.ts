import { describeError } from "../../model/error.ts";
import { stoppedNodes } from "../../model/past-runs.ts";
import type { StackSettings } from "../../model/stack-settings.ts";
import { notifyOf } from "./notify.ts";
import type { Driver } from "./driver.ts";
import type { Ending } from "./ending.ts";
import { reportEnding } from "./report.ts";
import { rollBack } from "./rollback.ts";
import { releaseOfNodes } from "./rollback-plan.ts";

/** Steps after which something may have changed: only then is there anything to roll back. */
const changing = new Set(["quiesce", "clone", "release", "migrate", "configure", "verify"]);

/**
 * What follows a run that did not pass: `failed` may roll back, everything else pauses for a person (design.md 8). Returns the exit code.
 */
export async function applyFailurePolicy(
  driver: Driver,
  release: string,
  ending: Ending,
  policy: StackSettings["failurePolicy"],
): Promise<number> {
  const { context, stack, ledger } = driver;
  // After the platform's own backup the nodes are stopped: they have to run again.
  const backedUp = ending.step === "backup" && ending.service === null;
  const changed = ending.step !== null && (changing.has(ending.step) || backedUp);
  if (ending.kind === "failed" && changed && policy === "rollback") return rollBackAfter(driver, release, ending);
  const event = ending.kind === "failed" || ending.kind === "errored" ? "failed" : "paused";
  if (ending.kind === "failed" && policy === "stop") {
    await ledger.update((pages) =>
      pages.at(-1)?.open === true
        ? { bodies: [{ kind: "closed", verdict: "failed", reason: ending.summary }], page: "current", open: false }
        : null,
    );
  }
  // Exit code 1 tells nothing; a run that waits for a person has one of its own.
  const paused = ending.exitCode === 1 && !(ending.kind === "failed" && policy === "stop");
  const exitCode = paused ? 19 : ending.exitCode;
  const next = nextAfter(ending, stack, changed);
  await notifyOf(driver, event, { releaseSet: release, summary: ending.summary, next });
  const told = { ...ending, evidence: [...ending.evidence, ...(await outOfService(driver, release))] };
  reportEnding(context, { verb: "upgrade", stack, releaseSet: release, exitCode, ending: told, next });
  return exitCode;
}

function nextAfter(ending: Ending, stack: string, changed: boolean): string {
  const again = `cutover upgrade ${stack}`;
  if (ending.exitCode === 2) return `pulumi stack init --stack ${stack}, then: ${again}`;
  if (ending.kind === "locked") return `wait for the other run, then: ${again}`;
  if (ending.exitCode === 20) return `cutover recover ${stack}, then: ${again}`;
  if (ending.step === "preflight") return `correct what is named above, then: ${again}`;
  const back = `cutover rollback ${stack}`;
  const orBack = changed ? `, or take it back: ${back}` : "";
  if (ending.kind === "stopped") return `${again} goes on${orBack}`;
  if (ending.next === undefined) return `repair the cause, then: ${again}${orBack}`;
  // The step knows best; what it does not name is added.
  const ways = [
    ...(ending.next.includes(again) ? [] : [`${again} goes on`]),
    ...(changed && !ending.next.includes(back) ? [`${back} takes it back`] : []),
  ];
  return [ending.next.replace(/[.;]?$/, ways.length === 0 ? "" : "."), ways.join(", ")].join(" ").trim();
}

/** That the version before stands still for this run, where it does: somebody waits for it. */
async function outOfService(driver: Driver, release: string): Promise<string[]> {
  const stopped = stoppedNodes(await driver.ledger.pages());
  if (stopped === null) return [];
  const before = await releaseOfNodes(driver, release);
  return [`${before} is stopped on ${stopped.nodes.join(", ")} since ${stopped.since}`];
}

async function rollBackAfter(driver: Driver, release: string, ending: Ending): Promise<number> {
  const { context, stack, settings } = driver;
  const reason = `${ending.service ?? "platform"} ${ending.step ?? ""} failed: ${ending.summary}`;
  context.output.note(`${reason}; rolling back (scope ${settings.rollbackScope})`);
  await notifyOf(driver, "failed", { releaseSet: release, summary: reason, next: "rolling back" });
  try {
    const rolledBack = await rollBack(driver, { scope: settings.rollbackScope, reason });
    const passed = rolledBack.stoppedAt === null;
    const exitCode = passed ? 11 : 12;
    const next = passed
      ? `repair the cause in a new release set; then cutover unhold ${stack} --reason "..." and cutover upgrade ${stack} --release NEW`
      : `repair what stopped it, then: cutover rollback ${stack}`;
    const summary = passed
      ? `${reason}; rolled back: ${rolledBack.done.join(", ")}; ${stack} is on hold`
      : `${reason}; the rollback stopped at ${rolledBack.stoppedAt?.service ?? "?"}: ${rolledBack.stoppedAt?.ending.summary ?? ""}`;
    await notifyOf(driver, passed ? "rolledBack" : "failed", { releaseSet: release, summary, next });
    reportEnding(context, {
      verb: "upgrade",
      stack,
      releaseSet: release,
      exitCode,
      ending: { ...ending, summary },
      next,
      more: { rolledBack },
    });
    return exitCode;
  } catch (error) {
    // The reason of the failure must not be lost behind that of the rollback.
    const lines = describeError(error);
    const exitCode = 19;
    const next = `cutover rollback ${stack}, when what is named above is repaired`;
    await notifyOf(driver, "paused", {
      releaseSet: release,
      summary: `${reason}; no rollback: ${lines[0] ?? ""}`,
      next,
    });
    const stopped = await outOfService(driver, release);
    const told = { ...ending, evidence: [...ending.evidence, ...stopped, "it was not rolled back:", ...lines] };
    reportEnding(context, { verb: "upgrade", stack, releaseSet: release, exitCode, ending: told, next });
    return exitCode;
  }
}
