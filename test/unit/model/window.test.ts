import assert from "node:assert/strict";
import fc from "fast-check";
import { CutoverError } from "../../../model/error.ts";
import { judgeWindow, type Interval, type WindowSettings } from "../../../model/window.ts";
import { showInterval } from "../../../model/window-text.ts";

const hour = 3_600_000;
const at = (text: string): number => Date.parse(text);
const iso = (interval: Interval | null) =>
  interval === null ? null : [interval.start, interval.end].map((end) => new Date(end).toISOString().slice(0, 16));
const settings = (zone: string, allow: WindowSettings["allow"], deny: WindowSettings["deny"] = []): WindowSettings => ({
  zone,
  allow,
  deny,
});
const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
type Day = (typeof days)[number];
const one = (day: Day, start: string, length: string) => [{ days: [day], start, length }];

/** Local date, weekday and time by the runtime's own calendar, so that the tests do not ask what they test. */
function localOf(instant: number, zone: string): { date: string; time: string; day: string } {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    ...({
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
    } as const),
  }).formatToParts(instant);
  const get = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
  return {
    date: `${get("year")}-${get("month")}-${get("day")}`,
    time: `${get("hour")}:${get("minute")}`,
    day: get("weekday").slice(0, 3).toLowerCase(),
  };
}

describe("maintenance window", () => {
  const saturdayNight = settings("Europe/Berlin", one("sat", "22:00", "4h"));

  it("over midnight belongs to the day on which it begins", () => {
    for (const [now, open] of [
      ["2026-11-21T20:59:59Z", false],
      ["2026-11-21T21:00:00Z", true],
      ["2026-11-22T00:59:59Z", true],
      ["2026-11-22T01:00:00Z", false],
      ["2026-11-22T22:00:00Z", false],
    ] as const) {
      assert.equal(judgeWindow(saturdayNight, at(now), 0).current !== null, open, now);
    }
    const { current, next } = judgeWindow(saturdayNight, at("2026-11-21T23:30:00Z"), 0);
    assert.deepEqual(iso(current), ["2026-11-21T21:00", "2026-11-22T01:00"]);
    assert.deepEqual(iso(next), ["2026-11-28T21:00", "2026-11-29T01:00"]);
    assert.equal(
      showInterval(current ?? assert.fail(), "Europe/Berlin"),
      "Sat 2026-11-21 22:00 to Sun 2026-11-22 02:00 Europe/Berlin (4h)",
    );
  });

  it("must hold the whole worst case", () => {
    const now = at("2026-11-21T23:00:00Z");
    assert.equal(judgeWindow(saturdayNight, now, 2 * hour).fits, true);
    assert.equal(judgeWindow(saturdayNight, now, 2 * hour + 1).fits, false);
    assert.equal(judgeWindow(saturdayNight, at("2026-11-20T12:00:00Z"), 0).fits, false);
  });

  it("has its real length in the nights in which the clock is changed", () => {
    // Berlin 2026: 29 March 02:00 -> 03:00; 25 October 03:00 -> 02:00. New York: 8 March and 1 November at 02:00.
    const cases = [
      ["Europe/Berlin", "sun", "01:00", "2026-03-29T00:30Z", "2026-03-29T00:00", "2026-03-29T04:00"],
      ["Europe/Berlin", "sun", "01:00", "2026-10-25T00:30Z", "2026-10-24T23:00", "2026-10-25T03:00"],
      ["America/New_York", "sat", "23:00", "2026-03-08T05:00Z", "2026-03-08T04:00", "2026-03-08T08:00"],
      ["America/New_York", "sat", "23:00", "2026-11-01T05:00Z", "2026-11-01T03:00", "2026-11-01T07:00"],
    ] as const;
    for (const [zone, day, start, now, from, to] of cases) {
      const { current } = judgeWindow(settings(zone, one(day, start, "4h")), at(now), 0);
      assert.deepEqual(iso(current), [from, to], `${zone} ${now}`);
    }
  });

  it("that begins in the hour which spring leaves out begins an hour later; in autumn's double hour, the first time", () => {
    const spring = settings("Europe/Berlin", one("sun", "02:30", "1h"));
    assert.deepEqual(iso(judgeWindow(spring, at("2026-03-28T12:00Z"), 0).next), [
      "2026-03-29T01:30",
      "2026-03-29T02:30",
    ]);
    assert.equal(
      showInterval({ start: at("2026-03-29T01:30Z"), end: at("2026-03-29T02:30Z") }, "Europe/Berlin").slice(0, 20),
      "Sun 2026-03-29 03:30",
    );
    assert.deepEqual(iso(judgeWindow(spring, at("2026-10-24T12:00Z"), 0).next), [
      "2026-10-25T00:30",
      "2026-10-25T01:30",
    ]);
  });

  it("knows leap days", () => {
    const monday = settings("Europe/Berlin", one("mon", "23:00", "4h"));
    // 28 February 2028 is a Monday, and the day after it is the 29th.
    assert.deepEqual(iso(judgeWindow(monday, at("2028-02-28T23:30Z"), 0).current), [
      "2028-02-28T22:00",
      "2028-02-29T02:00",
    ]);
    const denied = settings("Europe/Berlin", one("mon", "23:00", "4h"), [
      { from: "2028-02-29", to: "2028-02-29", reason: "leap day" },
    ]);
    assert.deepEqual(iso(judgeWindow(denied, at("2028-02-28T22:30Z"), 0).current), [
      "2028-02-28T22:00",
      "2028-02-28T23:00",
    ]);
    assert.equal(judgeWindow(denied, at("2028-02-29T00:00Z"), 0).deniedBecause, "leap day");
  });

  it("ends early where a denied day begins, and comes back after the last denied day", () => {
    const christmas = settings("Europe/Berlin", one("sat", "22:00", "4h"), [
      { from: "2026-12-27", to: "2027-06-30", reason: "year end" },
    ]);
    const { current, fits, next } = judgeWindow(christmas, at("2026-12-26T21:00Z"), 3 * hour);
    assert.deepEqual(iso(current), ["2026-12-26T21:00", "2026-12-26T23:00"]);
    assert.equal(fits, false);
    assert.deepEqual(iso(next), ["2027-07-03T20:00", "2027-07-04T00:00"]);
  });

  it("of every day and all day has no end, unless a day is denied", () => {
    const always = [{ days: [...days], start: "00:00", length: "2d" }];
    assert.equal(judgeWindow(settings("UTC", always), at("2026-11-21T12:00Z"), 90 * 24 * hour).fits, true);
    const { current, next } = judgeWindow(
      settings("UTC", always, [{ from: "2027-05-01", to: "2027-05-01", reason: "holiday" }]),
      at("2026-11-21T12:00Z"),
      0,
    );
    assert.equal(current?.end, at("2027-05-01"));
    assert.deepEqual(next, { start: at("2027-05-02"), end: Infinity });
  });

  it("names a zone or a day that does not exist", () => {
    const isOurs = (text: RegExp) => (error: unknown) =>
      error instanceof CutoverError &&
      error.details.code === "CUT-3155" &&
      text.test((error.details.evidence ?? []).join());
    assert.throws(() => judgeWindow(settings("Europe/Berlln", one("sat", "22:00", "4h")), 0, 0), isOurs(/Berlln/));
    const deny = [{ from: "2027-02-29", to: "2027-03-01", reason: "none" }];
    assert.throws(() => judgeWindow(settings("UTC", one("sat", "22:00", "4h"), deny), 0, 0), isOurs(/29/));
  });
});

describe("any maintenance window", () => {
  const zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago", "UTC"];
  const zone = fc.constantFrom(...zones);
  // Around clock changes, leap days and at any time.
  const instant = fc.oneof(
    fc.integer({ min: at("2025-01-01"), max: at("2030-01-01") }),
    fc
      .tuple(
        fc.constantFrom(
          "2026-03-29",
          "2026-10-25",
          "2026-03-08",
          "2026-11-01",
          "2028-02-29",
          "2026-04-05",
          "2026-12-31",
        ),
        fc.integer({ min: -30, max: 40 }),
      )
      .map(([date, hours]) => at(date) + hours * hour),
  );
  const start = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom("00", "15", "30"))
    .map(([hours, minutes]) => `${String(hours).padStart(2, "0")}:${minutes}`);
  const someDays = fc.uniqueArray(fc.constantFrom(...days), { minLength: 1 });
  const allow = fc.array(
    fc.record({ days: someDays, start, length: fc.integer({ min: 1, max: 60 }).map((hours) => `${hours}h`) }),
    { minLength: 1, maxLength: 3 },
  );
  const date = fc
    .integer({ min: at("2026-01-01"), max: at("2026-12-31") })
    .map((day) => new Date(day).toISOString().slice(0, 10));
  const deny = fc.array(fc.record({ from: date, to: date, reason: fc.constant("denied") }), { maxLength: 2 });
  const any = fc.record({ zone, allow, deny });
  const runs = { numRuns: 150 };

  it("is open only within its bounds, and open at the start of the next one", () => {
    fc.assert(
      fc.property(any, instant, (rules, now) => {
        const { current, next } = judgeWindow(rules, now, 0);
        if (current !== null) assert.ok(current.start <= now && now < current.end);
        if (next === null) return;
        assert.ok(next.start > (current?.end ?? now) || next.start > now);
        assert.equal(judgeWindow(rules, next.start - 1, 0).current?.end === next.end, false);
        const then = judgeWindow(rules, next.start, 0);
        assert.equal(then.current?.start, next.start);
        if (next.end !== Infinity) {
          assert.equal(then.current.end, next.end);
          assert.equal(judgeWindow(rules, next.end, 0).current, null);
          assert.notEqual(judgeWindow(rules, next.end - 1, 0).current, null);
        }
      }),
      runs,
    );
  });

  it("is always closed on a denied day", () => {
    fc.assert(
      fc.property(any, instant, (rules, now) => {
        const today = localOf(now, rules.zone).date;
        const denied = rules.deny.some(({ from, to }) => {
          const [first = "", last = ""] = [from, to].sort();
          return first <= today && today <= last;
        });
        const { current, deniedBecause } = judgeWindow(rules, now, 0);
        assert.equal(deniedBecause !== null, denied);
        if (denied) assert.equal(current, null);
      }),
      runs,
    );
  });

  it("lasts exactly as long as it says, whatever the clock does, and begins on its day at its time", () => {
    const single = fc.record({ zone, day: fc.constantFrom(...days), start, hours: fc.integer({ min: 1, max: 47 }) });
    fc.assert(
      fc.property(single, instant, (rule, now) => {
        const rules = settings(rule.zone, one(rule.day, rule.start, `${rule.hours}h`));
        const { current, next } = judgeWindow(rules, now, 0);
        for (const interval of [current, next]) {
          if (interval === null) continue;
          assert.equal(interval.end - interval.start, rule.hours * hour);
          const local = localOf(interval.start, rule.zone);
          assert.equal(local.day, rule.day);
          // In a gap the start moves forward; an hour before a moved start it is another time than an hour earlier.
          if (local.time !== rule.start) {
            assert.ok(local.time > rule.start);
            assert.ok(localOf(interval.start - hour, rule.zone).time < rule.start);
          }
        }
        assert.ok(next !== null && next.start - now <= 8 * 24 * hour);
      }),
      runs,
    );
  });

  it("merges with windows that overlap it or follow at once: an hour-wise list is as open as one long rule", () => {
    fc.assert(
      fc.property(
        zone,
        fc.constantFrom(...days),
        fc.integer({ min: 0, max: 18 }),
        fc.integer({ min: 1, max: 4 }),
        instant,
        (where, day, first, count, now) => {
          const name = (hours: number): string => `${String(hours).padStart(2, "0")}:00`;
          const noon = localOf(now, where).day;
          // Hours of a day without a change of the clock: there both mean the same.
          if (noon === "sat" || noon === "sun") return;
          const weekday: Day = day === "sat" || day === "sun" ? "wed" : day;
          const parts = Array.from({ length: count }, (_none, index) => ({
            days: [weekday],
            start: name(first + index),
            length: index % 2 === 0 ? "1h" : "90m",
          }));
          const whole = one(weekday, name(first), `${count * 60 + (count % 2 === 0 ? 30 : 0)}m`);
          const [left, right] = [settings(where, parts), settings(where, whole)].map((rules) =>
            judgeWindow(rules, now, 0),
          );
          assert.deepEqual(left, right);
        },
      ),
      runs,
    );
  });
});
