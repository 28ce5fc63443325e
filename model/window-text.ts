import { Temporal } from "temporal-polyfill";
import { showDuration } from "./duration.ts";
import type { Interval } from "./window.ts";

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** An instant (milliseconds, UTC) as people of a zone read it: `Sat 2026-11-21 22:00`. */
export function showInstant(instant: number, zone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
  const time = local.toPlainTime().toString({ smallestUnit: "minute" });
  return `${weekdays[local.dayOfWeek - 1] ?? ""} ${local.toPlainDate().toString()} ${time}`;
}

/** A window with its real length: `Sat 2026-11-21 22:00 to Sun 2026-11-22 02:00 Europe/Berlin (4h)`. */
export function showInterval({ start, end }: Interval, zone: string): string {
  if (end === Infinity) return `${showInstant(start, zone)} ${zone}, without an end within 400 days`;
  return `${showInstant(start, zone)} to ${showInstant(end, zone)} ${zone} (${showDuration(end - start)})`;
}
