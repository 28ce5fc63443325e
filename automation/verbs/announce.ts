import { randomUUID } from "node:crypto";
import { notify } from "../../clients/notify.ts";
import { cloudEvent } from "../../model/cloud-event.ts";
import { millisecondsOf, showDuration } from "../../model/duration.ts";
import { CutoverError } from "../../model/error.ts";
import type { StackSettings } from "../../model/stack-settings.ts";
import type { Interval } from "../../model/window.ts";
import { operatorName } from "../identity.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover announce STACK --window START/END`: tells people when the stack will be worked on. */
export const announce: Verb = {
  name: "announce",
  arguments: ["<stack>"],
  summary: "announce when a stack will be worked on",
  description:
    "Records the window and tells everybody in cutover:notify. Where the stack file has cutover:announce, preflight demands an " +
    "announcement made that long before its window. Times have an offset or are local to cutover:window.zone; the end may be a length.",
  examples: [
    'announce infomart-prod --window 2026-11-21T22:00/4h --text "Info Mart r2026-11"',
    "announce infomart-prod --window 2026-11-21T22:00+01:00/2026-11-22T02:00+01:00 --json",
  ],
  options: [
    { flags: "--window <start/end>", description: "ISO 8601 interval, or local start and length", required: true },
    { flags: "--text <text>", description: "what people should know" },
    { flags: "--release <name>", description: "the release set it is about; default: the stack file's" },
  ],
  exitCodes: [],
  run: async (context) => record(context),
};

async function record(context: VerbContext): Promise<number> {
  const { stack = "" } = context.arguments;
  const settings = context.settings(stack);
  // Calendars are loaded only here: they would cost every other verb 20 ms.
  const { parseInterval } = await import("../../model/announced-window.ts");
  const { showInterval } = await import("../../model/window-text.ts");
  const now = Date.now();
  const given = textOption(context, "window") ?? "";
  const interval = parseInterval(given, settings.window?.zone ?? null);
  if ("problem" in interval) throw notUnderstood(given, interval.problem);
  if (interval.end <= now) throw notUnderstood(given, "it is over already");
  const [starts, ends] = [interval.start, interval.end].map((instant) => new Date(instant).toISOString()) as [
    string,
    string,
  ];
  const releaseSet = textOption(context, "release") ?? settings.release;
  const shown = showInterval(interval, settings.window?.zone ?? "UTC");
  const text = textOption(context, "text") ?? `${stack} is worked on: ${releaseSet}`;
  const ledger = await context.ledger(stack);
  await ledger.append({ kind: "announcement", releaseSet, starts, ends, text, by: operatorName() });
  const warnings = await doubts(settings, interval, now);
  const event = cloudEvent(
    { kind: "announced", stack, id: randomUUID(), at: now },
    { run: null, releaseSet, verdict: null, summary: `${text} (${shown})`, next: null },
  );
  warnings.push(...(await notify(settings.notify, event, context.signal)));
  context.output.line(`announced for ${stack}: ${shown}: ${text}`);
  for (const warning of warnings) context.output.note(`warning: ${warning}`);
  context.output.line(`next: in that window, cutover upgrade ${stack}`);
  context.output.document({ stack, releaseSet, starts, ends, text, warnings });
  return 0;
}

/** What preflight would say about this window later. */
async function doubts(settings: StackSettings, { start, end }: Interval, now: number): Promise<string[]> {
  const { announce: notice, window } = settings;
  const warnings: string[] = [];
  if (notice !== undefined && start - now < millisecondsOf(notice)) {
    warnings.push(
      `it begins in ${showDuration(Math.max(0, start - now))}, but this stack wants ${notice} of notice: preflight will refuse it`,
    );
  }
  if (window !== undefined) {
    const { judgeWindow } = await import("../../model/window.ts");
    if (!judgeWindow(window, start, end - start).fits)
      warnings.push("it is not within the stack's maintenance windows");
  }
  return warnings;
}

function notUnderstood(given: string, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-6215",
    verdict: "failed",
    happened: `--window ${given} cannot be used: ${problem}`,
    untouched: "Nothing was recorded and nobody was told.",
    next: "Write --window 2026-11-21T22:00/4h (local to cutover:window.zone) or with offsets on both ends.",
    exitCode: 2,
  });
}
