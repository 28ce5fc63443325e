import type { Check } from "../contract.ts";
import { failed, passed } from "../outcome.ts";

/** With PULUMI_SKIP_CHECKPOINTS a killed run forgets everything, also that the backup was taken (experiments.md C10). */
export const checkpoints: Check = {
  name: "checkpoints",
  code: "CUT-3163",
  overridable: false,
  run({ pulumi }) {
    if (!pulumi.skipsCheckpoints) return Promise.resolve(passed("Pulumi saves its state after every step"));
    const next = "unset PULUMI_SKIP_CHECKPOINTS, then run the same command again";
    return Promise.resolve(
      failed("PULUMI_SKIP_CHECKPOINTS is set: a killed run would start over, backup included", [], next),
    );
  },
};
