import { millisecondsOf, showDuration } from "../../../model/duration.ts";
import { lastRehearsal } from "../../../model/rehearsal.ts";
import type { Check } from "../contract.ts";
import { movedSets, notGuarded } from "../guarded.ts";
import { failed, passed, skipped } from "../outcome.ts";

/** Upgrade, way back and upgrade again were tried with this very release set, not too long ago. */
export const rehearsed: Check = {
  name: "rehearsed",
  code: "CUT-3154",
  overridable: true,
  async run(context) {
    const { rehearsal: limit, lower } = context.spec.guards;
    if (limit === null) return skipped("the stack asks for no rehearsal");
    const free = await notGuarded(context, ["adopt"]);
    if (free !== null) return free;
    const { pages } = await context.ledger();
    const now = Date.now();
    const judged = (await movedSets(context)).map((set) => {
      const last = lastRehearsal(pages, set.hash);
      if (last === null) return { good: false, text: `${set.name}: no rehearsal of this very release set` };
      const age = Math.max(0, now - last.at);
      const fresh = age <= millisecondsOf(limit);
      return {
        good: last.verdict === "passed" && fresh,
        text: `${set.name}: rehearsal ${last.verdict}, ${showDuration(age)} ago${fresh ? "" : `, wanted within ${limit}`}`,
      };
    });
    const texts = judged.map((one) => one.text);
    if (judged.every((one) => one.good)) return passed(texts.join("; "));
    const from = lower ?? "<the stack below>";
    return failed(
      "there is no fresh rehearsal",
      texts,
      `cutover rehearse ${from}, then cutover promote ${from} ${context.request.stack}, which brings its receipt here`,
    );
  },
};
