import { Temporal } from "temporal-polyfill";
import { parseDuration } from "./duration.ts";
import type { Interval } from "./window.ts";

/**
 * Reads `START/END` as people write it: ISO 8601 times with an offset, or local times of the stack's zone (null: it has none), and
 * instead of the end a length (`4h`, or ISO `PT4H`). Milliseconds, UTC; or the problem in one sentence.
 */
export function parseInterval(text: string, zone: string | null): Interval | { problem: string } {
  const [first, second, ...more] = text.split("/");
  if (first === undefined || second === undefined || more.length > 0) {
    return { problem: `${text} is not START/END, such as 2026-11-21T22:00/4h` };
  }
  const start = parseTime(first, zone);
  if (typeof start !== "number") return start;
  const end = parseEnd(second, start, zone);
  if (typeof end !== "number") return end;
  return end > start ? { start, end } : { problem: "it ends before it starts" };
}

function parseTime(text: string, zone: string | null): number | { problem: string } {
  if (/(Z|[+-]\d{2}(:?\d{2})?)$/i.test(text.slice("2026-11-21".length))) {
    return attempt(text, () => Temporal.Instant.from(text).epochMilliseconds);
  }
  if (!/[T ]\d/.test(text)) return { problem: `${text} is not a time such as 2026-11-21T22:00` };
  if (zone === null) {
    return { problem: `${text} has no offset and the stack no cutover:window.zone; write 2026-11-21T22:00+01:00` };
  }
  return attempt(text, () => Temporal.PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds);
}

function parseEnd(text: string, start: number, zone: string | null): number | { problem: string } {
  const length = parseDuration(text);
  if (length !== null) return start + length;
  if (!/^P/i.test(text)) return parseTime(text, zone);
  const begin = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(zone ?? "UTC");
  return attempt(text, () => begin.add(Temporal.Duration.from(text)).epochMilliseconds);
}

function attempt(text: string, read: () => number): number | { problem: string } {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { problem: `${text}: ${error.message}` };
  }
}
