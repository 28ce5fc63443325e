import { CutoverError } from "../../model/error.ts";
import { confirmLoss } from "../confirm.ts";
import { notifyOf } from "../run/notify.ts";
import { withDriver } from "../run/open-driver.ts";
import { rollBack, type RolledBack } from "../run/rollback.ts";
import type { Driver } from "../run/driver.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover rollback STACK`: back to what was verified before, in reverse order, with the same gates. */
export const rollback: Verb = {
  name: "rollback",
  arguments: ["<stack>"],
  summary: "take a stack, or one service, back to what was verified before",
  description:
    "Asks the third-party dependencies first, then redeploys the prior release set and values service by service in reverse order, with the " +
    "same gates, and puts the stack on hold. Databases follow the release set's schema class: kept, or restored with --restore. Never blocked " +
    "by a window or a hold. An interrupted rollback is continued by the same command.",
  examples: ["rollback infomart-dev", "rollback infomart-prod --service gsp --reason 'latency doubled'"],
  options: [
    { flags: "--to <run>", description: "to what stood verified after this run (cutover history)" },
    { flags: "--service <name>", description: "only this service" },
    { flags: "--scope <scope>", description: "service (what the run did not finish) or run (all that it changed)" },
    { flags: "--restore <backup>", description: "restore this backup where the schema class demands it" },
    { flags: "--reason <text>", description: "why; it goes to the ledger and becomes the hold's reason" },
  ],
  exitCodes: [12, 14, 17, 19, 20],
  async run(context) {
    const { stack = "" } = context.arguments;
    return withDriver(context, stack, (driver) => runRollback(driver));
  },
};

async function runRollback(driver: Driver): Promise<number> {
  const { context, stack } = driver;
  const reason = textOption(context, "reason") ?? "asked for by a person";
  const restore = textOption(context, "restore");
  if (restore !== undefined)
    await confirmLoss(context, `What was written since the backup ${restore} leaves the service's database.`);
  const rolledBack = await rollBack(driver, {
    scope: scopeOf(context) ?? driver.settings.rollbackScope,
    service: textOption(context, "service"),
    toRun: runOf(context),
    restore,
    reason,
  });
  const exitCode = rolledBack.stoppedAt === null ? 0 : 12;
  say(context, stack, rolledBack, exitCode);
  const summary = `rolled back: ${rolledBack.done.join(", ") || (rolledBack.databases.at(-1) ?? "nothing")}`;
  await notifyOf(driver, exitCode === 0 ? "rolledBack" : "failed", {
    releaseSet: rolledBack.plan.release,
    summary,
    next: "",
  });
  return exitCode;
}

function say(context: VerbContext, stack: string, rolledBack: RolledBack, exitCode: number): void {
  const { output } = context;
  for (const { service, from, to, removed } of rolledBack.plan.targets) {
    const arrived = rolledBack.done.includes(service) ? (removed ? "removed" : "verified") : "NOT back";
    output.line(`${service}: ${from} -> ${to}  ${arrived}`);
  }
  for (const line of rolledBack.databases) output.line(line);
  for (const line of rolledBack.leaves) output.line(`not taken back: ${line}`);
  const { stoppedAt } = rolledBack;
  if (stoppedAt !== null) {
    output.line(`stopped at ${stoppedAt.service} ${stoppedAt.ending.step ?? ""}: ${stoppedAt.ending.summary}`);
    for (const line of stoppedAt.ending.evidence) output.line(`  ${line}`);
  }
  const next =
    exitCode === 0
      ? `${stack} is on hold; when the cause is repaired: cutover unhold ${stack} --reason "..."`
      : `repair the cause, then: cutover rollback ${stack}`;
  output.line(`next: ${next}`);
  output.document({ verb: "rollback", stack, exitCode, ...rolledBack, next });
}

function scopeOf(context: VerbContext): "service" | "run" | undefined {
  const given = textOption(context, "scope");
  if (given === undefined || given === "service" || given === "run") return given;
  throw wrong(`--scope ${given} is not known; scopes: service, run`);
}

function runOf(context: VerbContext): number | undefined {
  const given = textOption(context, "to");
  if (given === undefined) return undefined;
  if (/^\d+$/.test(given)) return Number(given);
  throw wrong(`--to ${given} is no run number`);
}

function wrong(happened: string): CutoverError {
  return new CutoverError({
    code: "CUT-6411",
    verdict: "errored",
    happened,
    untouched: "Nothing was changed.",
    next: "cutover rollback --help",
    exitCode: 2,
  });
}
