import { CutoverError } from "../../model/error.ts";
import { headOf } from "../../model/ledger.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { editStackSettings } from "../../stacks/edit-stack-file.ts";
import { openReleaseSets } from "../../stacks/release-sets.ts";
import { operatorName } from "../identity.ts";
import { runUpWithRetries, type Driver } from "../run/driver.ts";
import { withDriver } from "../run/open-driver.ts";
import { rollBack } from "../run/rollback.ts";
import { textOption, type Verb } from "../verb.ts";

/** `cutover rehearse STACK`: upgrade, all the way back, upgrade again. */
export const rehearse: Verb = {
  name: "rehearse",
  arguments: ["<stack>"],
  summary: "prove that a release set can be upgraded to, taken back and upgraded to again",
  description:
    "Upgrades the stack, rolls everything back (restoring the run's own backup where the schema class demands it), and upgrades again; the receipt " +
    "with its time goes to the ledger, and production can demand it. Refused on stacks of environment prod.",
  examples: ["rehearse infomart-staging --release r2026-11", "rehearse infomart-staging --release r2026-11 --json"],
  options: [
    { flags: "--release <name>", description: "the release set to rehearse; absent: the one in the stack's file" },
  ],
  exitCodes: [12, 14, 15, 16, 17, 19, 20],
  async run(context) {
    const { stack = "" } = context.arguments;
    if (context.settings(stack).environment === "prod") throw notHere(stack);
    return withDriver(context, stack, (driver) => runRehearsal(driver));
  },
};

type Part = "upgrade" | "rollback" | "second upgrade";

async function runRehearsal(driver: Driver): Promise<number> {
  const { context, stack, ledger, settings } = driver;
  const { output } = context;
  const release = textOption(context, "release") ?? settings.release;
  const began = Date.now();
  const done: Part[] = [];
  const stop = async (part: Part, summary: string, exitCode: number): Promise<number> => {
    await record(driver, release, "failed", began);
    output.line(`the rehearsal of ${release} stopped in its ${part}: ${summary}`);
    output.line(`next: cutover status ${stack}`);
    output.document({ verb: "rehearse", stack, releaseSet: release, exitCode, done, stoppedIn: part, summary });
    return exitCode;
  };
  const upgrade = async (part: Part): Promise<number | null> => {
    output.note(`rehearsal: ${part}`);
    await editStackSettings(context.root, stack, { release, pins: null });
    const ending = await runUpWithRetries(driver);
    if (ending.kind !== "passed") return stop(part, ending.summary, ending.exitCode === 1 ? 19 : ending.exitCode);
    done.push(part);
    return null;
  };
  const before = headOf(await ledger.pages());
  const first = await upgrade("upgrade");
  if (first !== null) return first;
  // Nothing that ran means nothing that could be taken back.
  if (headOf(await ledger.pages()) === before) throw nothingToRehearse(stack, release);
  output.note("rehearsal: rollback");
  const back = await rollBack(driver, {
    scope: "run",
    restore: await ownBackup(driver),
    reason: `rehearsal of ${release}`,
  });
  if (back.stoppedAt !== null) return stop("rollback", back.stoppedAt.ending.summary, 12);
  done.push("rollback");
  await ledger.append({
    kind: "unhold",
    reason: `the rollback was part of the rehearsal of ${release}`,
    by: operatorName(),
  });
  const second = await upgrade("second upgrade");
  if (second !== null) return second;
  const seconds = await record(driver, release, "passed", began);
  output.line(`rehearsed ${release} on ${stack} in ${seconds} s: upgraded, taken back, upgraded again`);
  output.document({ verb: "rehearse", stack, releaseSet: release, exitCode: 0, done, seconds });
  return 0;
}

/** Id of the newest good backup of the run that has just ended; undefined when it took none. */
async function ownBackup(driver: Driver): Promise<string | undefined> {
  const { lastPage } = summarize(await driver.ledger.pages());
  const page = (await driver.ledger.pages()).find((one) => one.number === lastPage);
  const id = page?.entries
    .flatMap((entry) => (entry.kind === "receipt" && entry.receipt.step === "backup" ? [entry.receipt] : []))
    .findLast((receipt) => receipt.verdict === "passed")?.facts["backupId"];
  return typeof id === "string" ? id : undefined;
}

async function record(
  driver: Driver,
  releaseSet: string,
  verdict: "passed" | "failed",
  began: number,
): Promise<number> {
  const seconds = Math.round((Date.now() - began) / 1000);
  const setHash = openReleaseSets(driver.context.root, driver.settings.platform).hash(releaseSet);
  await driver.ledger.append({ kind: "rehearsal", releaseSet, setHash, verdict, seconds });
  return seconds;
}

function notHere(stack: string): CutoverError {
  return new CutoverError({
    code: "CUT-6480",
    verdict: "failed",
    happened: `${stack} is a production stack: nothing is rehearsed there`,
    untouched: "Nothing was changed.",
    next: "Rehearse on the stack that it is promoted from (cutover:lower).",
    exitCode: 2,
  });
}

function nothingToRehearse(stack: string, release: string): CutoverError {
  return new CutoverError({
    code: "CUT-6481",
    verdict: "failed",
    happened: `${stack} stands verified at ${release} already: there is nothing to rehearse`,
    untouched: "Nothing was changed.",
    next: `cutover rollback ${stack}, cutover unhold ${stack}, then the same command again`,
  });
}
