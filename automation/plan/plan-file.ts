import { readFile, writeFile } from "node:fs/promises";
import { CutoverError, messageOf } from "../../model/error.ts";
import { planDocumentSchema, type PlanDocument } from "../../model/plan-document.ts";

export { planDifferences, type PlanDocument } from "../../model/plan-document.ts";

/** The one text of a plan, for files. */
export function planText(document: PlanDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Writes what `cutover plan --out` was asked for. Throws CUT-6261 when the file cannot be written. */
export async function writePlanFile(file: string, document: PlanDocument): Promise<void> {
  try {
    await writeFile(file, planText(document));
  } catch (cause) {
    throw new CutoverError(
      {
        code: "CUT-6261",
        verdict: "errored",
        happened: `the plan cannot be written to ${file}`,
        evidence: [messageOf(cause)],
        untouched: "Nothing was changed.",
        next: "Name a file in a folder that exists and can be written.",
        exitCode: 2,
      },
      { cause },
    );
  }
}

/** Reads a plan that `cutover plan --out` wrote. Throws CUT-6260 (exit code 2) when it is none. */
export async function readPlanFile(file: string): Promise<PlanDocument> {
  let problem: string[];
  let reason: unknown;
  try {
    const parsed = planDocumentSchema.safeParse(JSON.parse(await readFile(file, "utf8")));
    if (parsed.success) return parsed.data;
    reason = parsed.error;
    problem = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.map(String).join(".")}: ${issue.message}`);
  } catch (error) {
    reason = error;
    problem = [messageOf(error)];
  }
  throw new CutoverError(
    {
      code: "CUT-6260",
      verdict: "errored",
      happened: `${file} is no plan of this version of cutover`,
      evidence: problem,
      untouched: "Nothing was changed.",
      next: `cutover plan STACK --out ${file}`,
      exitCode: 2,
    },
    { cause: reason },
  );
}
