import { planExitCode } from "../../model/plan-exit-code.ts";
import type { PlanDocument } from "../../model/plan-document.ts";
import type { PlanReport } from "../plan/plan-report.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover plan STACK`: everything that the next run would do, and nothing done. */
export const plan: Verb = {
  name: "plan",
  arguments: ["<stack>"],
  summary: "what an upgrade would do, without doing it",
  description:
    "Shows steps with their expected durations, gates with their parameters, values and manifests old against new, preflight as it would judge " +
    "now, intermediate stops (N-2), the worst case and the window, Pulumi's preview, and what a rollback would not undo. Writes neither " +
    "ledger, stack file, cluster nor database. With --release it plans as if the stack file said so.",
  examples: ["plan infomart-dev --release r2026-11", "plan infomart-prod --out plan.json --detailed-exitcode"],
  options: [
    { flags: "--release <name>", description: "the release set; absent: the one in the stack's file" },
    { flags: "--out <file>", description: "write the plan for `cutover upgrade --plan`" },
    { flags: "--detailed-exitcode", description: "10 when something would run, 0 when nothing" },
  ],
  exitCodes: [10, 15, 17],
  run: async (context) => showPlan(context),
};

async function showPlan(context: VerbContext): Promise<number> {
  const { stack = "" } = context.arguments;
  const [{ forecast }, { planReport }, { planLines }, { previewChanges }] = await Promise.all([
    import("../plan/forecast.ts"),
    import("../plan/plan-report.ts"),
    import("../reports/plan-lines.ts"),
    import("../plan/pulumi-preview.ts"),
  ]);
  const found = await forecast(context, stack, textOption(context, "release"));
  if (context.output.interactive) context.output.note("asking the cluster, the third parties and Pulumi ...");
  const report = await planReport(context, stack, found);
  const document: PlanDocument = { ...found.document, report };
  for (const line of planLines(found, report)) context.output.line(coloured(context, line));
  const file = textOption(context, "out");
  if (file !== undefined) {
    const { writePlanFile } = await import("../plan/plan-file.ts");
    await writePlanFile(file, document);
    context.output.note(`plan written to ${file}; run exactly this: cutover upgrade ${stack} --plan ${file}`);
  }
  context.output.document(document);
  return exitCodeOf(context, report, previewChanges(report.preview));
}

function exitCodeOf(context: VerbContext, report: PlanReport, previewChanges: boolean): number {
  return planExitCode({
    nothingToDo: report.nothingToDo,
    previewChanges,
    stoppedBy: (report.preflight?.checks ?? []).filter(({ check }) => report.preflight?.stoppedBy.includes(check)),
    previewFailed: report.preview.counts === null && report.preview.failed,
    detailed: context.options["detailedExitcode"] === true,
  });
}

/** Added and removed lines of a diff, as everyone knows them; the signs stay. */
function coloured(context: VerbContext, line: string): string {
  const sign = /^ {6}([+-])(?!\1)/.exec(line)?.[1];
  if (sign === undefined) return line;
  return context.output.paint(sign === "+" ? "green" : "red", line);
}
