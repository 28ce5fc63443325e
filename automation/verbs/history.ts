import { CutoverError } from "../../model/error.ts";
import { eventsOf } from "../../model/ledger-event.ts";
import { runDetails, runHistory } from "../../model/run-history.ts";
import { historyLines, runLines, timeline } from "../reports/history-lines.ts";
import { textOption, type Verb } from "../verb.ts";

/** `cutover history STACK`: the runs of a stack, newest first. */
export const history: Verb = {
  name: "history",
  arguments: ["<stack>"],
  summary: "the runs of a stack, newest first",
  description:
    "Reads the ledger only. With --events also what happened between the runs: holds, approvals, announcements, promotions, issues, " +
    "overrides, recoveries.",
  examples: ["history infomart-dev --limit 5", "history infomart-prod --events --json"],
  options: [
    { flags: "--limit <n>", description: "no more than this many runs (and events)" },
    { flags: "--events", description: "also what happened outside of runs" },
  ],
  exitCodes: [],
  async run(context) {
    const { stack = "" } = context.arguments;
    context.settings(stack);
    const limit = limitOf(textOption(context, "limit"));
    const pages = await (await context.ledger(stack)).pages();
    const runs = runHistory(pages).slice(0, limit);
    const events = context.options["events"] === true ? eventsOf(pages).slice(0, limit) : null;
    const lines = events === null ? historyLines(runs) : timeline(runs, events);
    for (const line of lines) context.output.line(line);
    context.output.document({ stack, runs, ...(events === null ? {} : { events }) });
    return 0;
  },
};

/** `cutover show STACK RUN`: one run with every receipt. */
export const show: Verb = {
  name: "show",
  arguments: ["<stack>", "<run>"],
  summary: "one run in full: attempts, receipts, gates, facts",
  description:
    "Reads the ledger only: every try, every step with verdict, duration, gates and numbers, backups, overrides.",
  examples: ["show infomart-dev 12", "show infomart-prod 3 --json"],
  options: [],
  exitCodes: [],
  async run(context) {
    const { stack = "", run = "" } = context.arguments;
    context.settings(stack);
    const pages = await (await context.ledger(stack)).pages();
    const details = /^\d+$/.test(run) ? runDetails(pages, Number(run)) : null;
    if (details === null)
      throw unknownRun(
        stack,
        run,
        runHistory(pages).map((one) => one.number),
      );
    for (const line of runLines(details)) context.output.line(line);
    context.output.document({ stack, ...details });
    return 0;
  },
};

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new CutoverError({
    code: "CUT-6250",
    verdict: "errored",
    happened: `--limit wants a number of 1 or more, not ${text}`,
    untouched: "Nothing was changed.",
    next: "cutover history STACK --limit 10",
    exitCode: 2,
  });
}

function unknownRun(stack: string, run: string, known: readonly number[]): CutoverError {
  return new CutoverError({
    code: "CUT-6251",
    verdict: "errored",
    happened: `${stack} has no run ${run}`,
    evidence: [known.length === 0 ? "it has no runs yet" : `runs, newest first: ${known.slice(0, 20).join(", ")}`],
    untouched: "Nothing was changed.",
    next: `cutover history ${stack}`,
    exitCode: 2,
  });
}
