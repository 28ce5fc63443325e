import { CutoverError } from "../model/error.ts";
import type { StepKind } from "../model/step.ts";
import type { StepModule } from "./context.ts";

/** Steps whose work outlives its caller (design.md 3). */
export const longSteps: ReadonlySet<StepKind> = new Set(["backup", "migrate"]);

/** Loads one step's code and nothing else: start-up time is part of every upgrade. */
export async function loadStep(kind: StepKind): Promise<StepModule> {
  switch (kind) {
    case "preflight":
      return import("./preflight/index.ts");
    case "check":
      return import("./check.ts");
    case "inventory":
      return import("./inventory.ts");
    case "backup":
      return import("./backup.ts");
    case "migrate":
      return import("./migrate.ts");
    case "verify":
      return import("./verify.ts");
    case "finish":
      return import("./finish.ts");
    case "release":
      throw new CutoverError({
        code: "CUT-5022",
        verdict: "errored",
        happened: "release is a Helm release of the Pulumi program, not a step to run",
      });
  }
}
