import { CutoverError } from "../../model/error.ts";
import { planNow } from "../plan/forecast.ts";
import { planDifferences, readPlanFile } from "../plan/plan-file.ts";
import type { VerbContext } from "../verb.ts";

/**
 * Reads a plan file and compares it with what would run now; returns its release set. Throws CUT-6422 naming every difference: what a
 * reviewer has read is what runs, or nothing does.
 */
export async function plannedRelease(context: VerbContext, stack: string, file: string): Promise<string> {
  const planned = await readPlanFile(file);
  const now = await planNow(context, stack, planned.releaseSet);
  const differences = planned.stack === stack ? planDifferences(planned, now) : [`it is the plan of ${planned.stack}`];
  if (differences.length === 0) return planned.releaseSet;
  throw new CutoverError({
    code: "CUT-6422",
    verdict: "failed",
    happened: `the plan in ${file} no longer fits ${stack}`,
    evidence: differences,
    untouched: "Nothing was changed.",
    next: `read the new plan: cutover plan ${stack} --release ${planned.releaseSet} --out ${file}`,
    exitCode: 15,
  });
}
