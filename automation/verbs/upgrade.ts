import { CutoverError } from "../../model/error.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { editStackSettings } from "../../stacks/edit-stack-file.ts";
import { withDriver } from "../run/open-driver.ts";
import { runUpWithRetries, type Driver } from "../run/driver.ts";
import type { Ending } from "../run/ending.ts";
import { applyFailurePolicy } from "../run/failure-policy.ts";
import { notifyOf } from "../run/notify.ts";
import { plannedRelease } from "../run/planned.ts";
import { reportEnding } from "../run/report.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover upgrade STACK`: lock, preflight, the run, its verdict, and what the failure policy says. */
export const upgrade: Verb = {
  name: "upgrade",
  arguments: ["<stack>"],
  summary: "upgrade a stack to a release set, or resume a broken upgrade",
  description:
    "Locks the stack, writes cutover:release into its file and runs the same program as `pulumi up`: preflight, backup, releases, migration, " +
    "gates, one service after the other. What could not be told is tried again; what failed follows cutover:failurePolicy (rollback, pause, " +
    "stop). Ctrl-C once stops after the step that runs, twice stops now; the same command goes on where it stopped.",
  examples: ["upgrade infomart-dev --release r2026-11", "upgrade infomart-prod --plan plan.json --json"],
  options: [
    { flags: "--release <name>", description: "the release set; absent: the one in the stack's file" },
    { flags: "--plan <file>", description: "run exactly what `cutover plan --out` wrote, or refuse" },
    { flags: "--policy <policy>", description: "instead of the stack's failure policy: rollback, pause or stop" },
  ],
  exitCodes: [11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
  async run(context) {
    const { stack = "" } = context.arguments;
    return withDriver(context, stack, (driver) => runUpgrade(driver));
  },
};

async function runUpgrade(driver: Driver): Promise<number> {
  const { context, stack, ledger } = driver;
  const { operation, openRun } = summarize(await ledger.pages());
  if (operation !== null && ["rollback", "uninstall", "adopt"].includes(operation.operation))
    throw inTheMiddle(stack, operation.operation);
  const planFile = textOption(context, "plan");
  const planned = planFile === undefined ? undefined : await plannedRelease(context, stack, planFile);
  const release = planned ?? textOption(context, "release") ?? driver.settings.release;
  await aimAt(driver, release);
  if (openRun !== null && openRun.releaseSet === release) {
    context.output.note(`resuming run ${openRun.number} towards ${release} (try ${openRun.tries + 1})`);
  }
  await notifyOf(driver, "started", { releaseSet: release, summary: `upgrade to ${release} begins`, next: "" });
  if (driver.settings.performance.length > 0) {
    const { takeBaseline } = await import("../database/baseline.ts");
    await takeBaseline(context, stack);
  }
  const ending = await runUpWithRetries(driver);
  if (ending.kind === "passed") return succeeded(driver, release, ending);
  return applyFailurePolicy(driver, release, ending, policyOf(context) ?? driver.settings.failurePolicy);
}

/** Writes the release set into the stack's file; pins that a rollback left behind go, since they would hold services back. */
async function aimAt(driver: Driver, release: string): Promise<void> {
  const { context, stack, settings } = driver;
  if (release === settings.release) return;
  const pins = Object.entries(settings.pins).filter(([, set]) => set === "absent");
  const removed = Object.entries(settings.pins).filter(([, set]) => set !== "absent");
  for (const [service, set] of removed) context.output.note(`the pin of ${service} to ${set} is removed`);
  await editStackSettings(context.root, stack, { release, pins: pins.length === 0 ? null : Object.fromEntries(pins) });
  context.output.note(`cutover:release: ${settings.release} -> ${release} in stacks/Pulumi.${stack}.yaml`);
}

async function succeeded(driver: Driver, release: string, ending: Ending): Promise<number> {
  const { context, stack } = driver;
  const { lastPage } = summarize(await driver.ledger.pages());
  const summary = `${stack} stands verified at ${release}`;
  await notifyOf(driver, "succeeded", { releaseSet: release, summary, next: `cutover show ${stack} ${lastPage}` });
  reportEnding(context, {
    verb: "upgrade",
    stack,
    releaseSet: release,
    exitCode: 0,
    ending: { ...ending, summary },
    next: `cutover show ${stack} ${lastPage}`,
    more: { run: lastPage },
  });
  return 0;
}

function policyOf(context: VerbContext): "rollback" | "pause" | "stop" | undefined {
  const given = textOption(context, "policy");
  if (given === undefined || given === "rollback" || given === "pause" || given === "stop") return given;
  throw new CutoverError({
    code: "CUT-6420",
    verdict: "errored",
    happened: `--policy ${given} is not known`,
    evidence: ["policies: rollback, pause, stop"],
    untouched: "Nothing was changed.",
    next: "Choose one of them.",
    exitCode: 2,
  });
}

function inTheMiddle(stack: string, operation: string): CutoverError {
  return new CutoverError({
    code: "CUT-6421",
    verdict: "failed",
    happened: `${stack} is in the middle of: ${operation}`,
    untouched: "Nothing was changed.",
    next: `cutover ${operation} ${stack} finishes it`,
    exitCode: 19,
  });
}
