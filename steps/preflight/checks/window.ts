import { showDuration } from "../../../model/duration.ts";
import { worstCaseMilliseconds } from "../../../model/worst-case.ts";
import type { Check } from "../contract.ts";
import { notGuarded } from "../guarded.ts";
import { failed, passed, skipped } from "../outcome.ts";

/** A maintenance window is open, and the worst case with its way back ends before it closes. */
export const window: Check = {
  name: "window",
  code: "CUT-3156",
  overridable: true,
  async run(context) {
    const settings = context.spec.guards.window;
    if (settings === null) return skipped("the stack has no cutover:window: it is always open");
    const free = await notGuarded(context);
    if (free !== null) return free;
    // Calendars are loaded only where they are needed: they would cost every other preflight 20 ms.
    const [{ judgeWindow }, { showInstant, showInterval }] = await Promise.all([
      import("../../../model/window.ts"),
      import("../../../model/window-text.ts"),
    ]);
    const now = Date.now();
    const worstCase = worstCaseMilliseconds(await context.pending());
    const { current, deniedBecause, fits, next } = judgeWindow(settings, now, worstCase);
    const evidence = [
      `now: ${showInstant(now, settings.zone)} ${settings.zone}`,
      ...(deniedBecause === null ? [] : [`denied today: ${deniedBecause}`]),
      `worst case: ${showDuration(worstCase)} (time-outs of Helm and gates, and the same for the way back)`,
      next === null ? "no window within 400 days" : `next window: ${showInterval(next, settings.zone)}`,
    ];
    const advice = "wait for the next window, or override the check window with a reason; a rollback is never blocked";
    if (current === null) return failed("the maintenance window is closed", evidence, advice);
    const open = `open: ${showInterval(current, settings.zone)}`;
    if (!fits) {
      const left = showDuration(current.end - now);
      return failed(`the worst case does not fit: the window closes in ${left}`, [open, ...evidence], advice);
    }
    return passed(`${open}; the worst case of ${showDuration(worstCase)} fits`);
  },
};
