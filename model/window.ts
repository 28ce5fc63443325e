import { Temporal } from "temporal-polyfill";
import { millisecondsOf } from "./duration.ts";
import { CutoverError, messageOf } from "./error.ts";
import type { StackSettings } from "./stack-settings.ts";

/** The maintenance windows of a stack, `cutover:window`. */
export type WindowSettings = NonNullable<StackSettings["window"]>;

/** From `start` up to, but not including, `end`; milliseconds, UTC. An `end` of Infinity: none within 400 days. */
export interface Interval {
  start: number;
  end: number;
}

/** What the windows say of one instant. */
export interface WindowJudgement {
  /** The window that is open now, merged with those that overlap or follow without a gap, cut by denied days. */
  current: Interval | null;
  /** Reason of the denied day that it is now. */
  deniedBecause: string | null;
  /** True when it is open and the worst case ends before it closes. */
  fits: boolean;
  /** The next one that begins after now; null when there is none within 400 days. */
  next: Interval | null;
}

interface Denied extends Interval {
  reason: string;
}

const dayMilliseconds = 86_400_000;
const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
// Most stacks have a window every week; only denied months need a farther look.
const horizonDays = [15, 400] as const;

/**
 * Judges an instant by a stack's windows; `now` and `worstCase` in milliseconds. A start in the hour that spring leaves out
 * moves forward by it, one in the hour that autumn has twice is the first of the two, and a length is always real time.
 * Throws CUT-3155 for a zone or date that does not exist.
 */
export function judgeWindow(settings: WindowSettings, now: number, worstCase: number): WindowJudgement {
  try {
    return judge(settings, now, worstCase);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CutoverError(
      {
        code: "CUT-3155",
        verdict: "errored",
        happened: "cutover:window cannot be understood",
        evidence: [messageOf(cause), `zone: ${settings.zone}`],
        untouched: "Nothing was changed.",
        next: "Correct the zone (such as Europe/Berlin) or the dates under cutover:window in the stack file.",
        exitCode: 2,
      },
      { cause },
    );
  }
}

function judge(settings: WindowSettings, now: number, worstCase: number): WindowJudgement {
  const denied = settings.deny.map((rule) => deniedInterval(rule, settings.zone));
  const deniedBecause = denied.find((interval) => covers(interval, now))?.reason ?? null;
  let current: Interval | null = null;
  let next: Interval | null = null;
  for (const days of horizonDays) {
    const horizon = now + days * dayMilliseconds;
    const open = openIntervals(settings, denied, now, days).filter((interval) => interval.start < horizon);
    current = open.find((interval) => covers(interval, now)) ?? null;
    next = open.find((interval) => interval.start > now) ?? null;
    // What reaches the horizon may go on behind it.
    if (next !== null && next.end < horizon) break;
    if (days === horizonDays.at(-1)) [current, next] = [endless(current, horizon), endless(next, horizon)];
  }
  return { current, deniedBecause, fits: current !== null && now + worstCase <= current.end, next };
}

function covers(interval: Interval, instant: number): boolean {
  return interval.start <= instant && instant < interval.end;
}

function endless(interval: Interval | null, horizon: number): Interval | null {
  return interval !== null && interval.end >= horizon ? { ...interval, end: Infinity } : interval;
}

function openIntervals(settings: WindowSettings, denied: readonly Denied[], now: number, days: number): Interval[] {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(settings.zone).toPlainDate();
  const allowed = settings.allow.flatMap((rule) => {
    const length = millisecondsOf(rule.length);
    // A window repeats every week, so that eight days back are enough for any length.
    const back = Math.min(Math.ceil(length / dayMilliseconds), 8) + 2;
    const dates = Array.from({ length: back + days + 1 }, (_none, index) => today.add({ days: index - back }));
    return dates
      .filter((date) => rule.days.some((day) => weekdays.indexOf(day) + 1 === date.dayOfWeek))
      .map((date): Interval => {
        const start = date.toZonedDateTime({ timeZone: settings.zone, plainTime: rule.start }).epochMilliseconds;
        return { start, end: start + length };
      });
  });
  return merge(allowed).flatMap((interval) => without(interval, denied));
}

// Both dates belong to it, in either order: a slip must not open what was meant to be closed.
function deniedInterval(rule: WindowSettings["deny"][number], zone: string): Denied {
  const dates = [Temporal.PlainDate.from(rule.from), Temporal.PlainDate.from(rule.to)] as const;
  const [first, last] = Temporal.PlainDate.compare(...dates) <= 0 ? dates : [dates[1], dates[0]];
  const midnight = (date: Temporal.PlainDate): number => date.toZonedDateTime(zone).epochMilliseconds;
  return { start: midnight(first), end: midnight(last.add({ days: 1 })), reason: rule.reason };
}

function merge(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const interval of intervals.toSorted((a, b) => a.start - b.start)) {
    const before = merged.at(-1);
    if (before !== undefined && interval.start <= before.end) before.end = Math.max(before.end, interval.end);
    else merged.push({ ...interval });
  }
  return merged.filter((interval) => interval.start < interval.end);
}

function without(interval: Interval, denied: readonly Denied[]): Interval[] {
  return denied.reduce<Interval[]>(
    (parts, { start, end }) =>
      parts
        .flatMap((part) => [
          { start: part.start, end: Math.min(part.end, start) },
          { start: Math.max(part.start, end), end: part.end },
        ])
        .filter((part) => part.start < part.end),
    [interval],
  );
}
