import { judgeWindow, type WindowSettings } from "../../model/window.ts";
import { showInterval } from "../../model/window-text.ts";

/** What the maintenance windows say at the time of the plan. */
export interface WindowState {
  open: boolean;
  /** Open, and the worst case ends before it closes. */
  fits: boolean;
  lines: string[];
}

/** `now` and `worstCase` in milliseconds; null without windows: always open. */
export function windowState(settings: WindowSettings | null, now: number, worstCase: number): WindowState | null {
  if (settings === null) return null;
  const { current, deniedBecause, fits, next } = judgeWindow(settings, now, worstCase);
  const state =
    current === null
      ? "closed now"
      : `open now: ${showInterval(current, settings.zone)}; ${fits ? "" : "not "}long enough`;
  return {
    open: current !== null,
    fits,
    lines: [
      state,
      ...(deniedBecause === null ? [] : [`denied today: ${deniedBecause}`]),
      ...(next === null ? ["no window within 400 days"] : [`next: ${showInterval(next, settings.zone)}`]),
    ],
  };
}
