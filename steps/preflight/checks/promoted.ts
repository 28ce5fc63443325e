import { judgeProof } from "../../../model/promotion-proof.ts";
import { toolVersion } from "../../../model/tool-version.ts";
import type { Check } from "../contract.ts";
import { movedSets, notGuarded } from "../guarded.ts";
import { failed, passed, skipped } from "../outcome.ts";

/** The lower stack has verified this very release set: its proof lies in this stack's ledger, so that nobody needs to reach it. */
export const promoted: Check = {
  name: "promoted",
  code: "CUT-3159",
  overridable: true,
  async run(context) {
    const { lower } = context.spec.guards;
    const { stack, environment } = context.request;
    if (lower === null) return skipped("the stack is promoted from no other");
    if (environment === "dev") return skipped("dev needs no promotion");
    // What is adopted runs already.
    const free = await notGuarded(context, ["adopt"]);
    if (free !== null) return free;
    const { pages } = await context.ledger();
    const judged = (await movedSets(context)).map((set) => ({
      set,
      ...judgeProof(pages, lower, set, toolVersion),
    }));
    const bad = judged.filter(({ problems }) => problems.length > 0);
    if (bad.length === 0) {
      return passed(
        judged
          .map(
            ({ set, proof }) =>
              `${set.name} was verified by run ${proof?.run ?? 0} of ${lower} (${proof?.verifiedAt ?? ""})`,
          )
          .join("; "),
      );
    }
    return failed(
      `${bad.map(({ set }) => set.name).join(", ")}: no valid proof of ${lower}`,
      bad.flatMap(({ problems }) => problems),
      bad.map(({ set }) => `cutover promote ${lower} ${stack} --release ${set.name}`).join("; "),
    );
  },
};
