import type { VerbContext } from "../verb.ts";
import type { Ending } from "./ending.ts";

/** Says how a run ended and what to type next; also the `--json` document. */
export function reportEnding(
  context: VerbContext,
  report: {
    verb: string;
    stack: string;
    releaseSet: string;
    exitCode: number;
    ending: Ending;
    next: string;
    more?: Record<string, unknown>;
  },
): void {
  const { output } = context;
  const { ending } = report;
  const where = [ending.service, ending.step].filter((part) => part !== null).join(" ");
  const colour = ending.kind === "passed" ? "green" : "red";
  output.line(output.paint(colour, `${ending.kind}${where === "" ? "" : ` at ${where}`}: ${ending.summary}`));
  for (const line of ending.evidence) output.line(`  ${line}`);
  if (ending.untouched !== undefined) output.line(`untouched: ${ending.untouched}`);
  if (report.next !== "") output.line(`next: ${report.next}`);
  const { verb, stack, releaseSet, exitCode, next, more } = report;
  output.document({ verb, stack, releaseSet, exitCode, ending, next, ...more });
}
