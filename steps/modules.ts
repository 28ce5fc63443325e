import { CutoverError } from "../model/error.ts";
import type { StepKind, StepRequest } from "../model/step.ts";
import type { StepModule } from "./context.ts";

/** Steps whose work outlives its caller (design.md 3). */
export const longSteps: ReadonlySet<StepKind> = new Set(["quiesce", "backup", "clone", "migrate"]);

/** Loads one step's code and nothing else: start-up time is part of every upgrade. `service` null: the platform's own step. */
export async function loadStep(request: Pick<StepRequest, "step" | "service" | "spec">): Promise<StepModule> {
  const { step, service } = request;
  switch (step) {
    case "preflight":
      return import("./preflight/index.ts");
    case "quiesce":
      return import("./quiesce.ts");
    case "clone":
      return import("./clone.ts");
    case "configure":
      return import("./configure.ts");
    case "check":
      return import("./check.ts");
    case "inventory":
      return import("./inventory.ts");
    case "backup":
      return service === null ? import("./platform/backup.ts") : import("./backup.ts");
    case "migrate":
      return isCalled(request.spec) ? import("./upgrade-api/index.ts") : import("./migrate.ts");
    case "verify":
      return import("./verify.ts");
    case "finish":
      return import("./finish.ts");
    case "release":
    case "restore":
      throw new CutoverError({
        code: "CUT-5022",
        verdict: "errored",
        happened: `${step} is not a step to run: release is a Helm release of the program, restore a verb`,
      });
  }
}

/** A migration that one call of an upgrade API begins. */
function isCalled(spec: StepRequest["spec"]): boolean {
  const { migrate } = spec;
  return migrate !== null && typeof migrate === "object" && "kind" in migrate && migrate.kind === "upgradeApi";
}
