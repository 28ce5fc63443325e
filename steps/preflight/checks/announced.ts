import { announcementsOf, judgeAnnouncements, type Announcement } from "../../../model/announcement.ts";
import { millisecondsOf, showDuration } from "../../../model/duration.ts";
import type { Check } from "../contract.ts";
import { notGuarded } from "../guarded.ts";
import { failed, passed, skipped } from "../outcome.ts";

/** The people who use the platform were told early enough that it is worked on now. */
export const announced: Check = {
  name: "announced",
  code: "CUT-3158",
  overridable: true,
  async run(context) {
    const { announce } = context.spec.guards;
    if (announce === null) return skipped("the stack asks for no announcement");
    const free = await notGuarded(context);
    if (free !== null) return free;
    const announcements = announcementsOf((await context.ledger()).pages);
    const { inTime, tooLate, next } = judgeAnnouncements(announcements, Date.now(), millisecondsOf(announce));
    const [found] = inTime;
    if (found !== undefined) return passed(`announced: ${announcementText(found)}`);
    return failed(
      `no window that covers now was announced ${announce} before its start`,
      [
        ...tooLate.map((one) => `too late: ${announcementText(one)}`),
        ...(next === null ? [] : [`next announced: ${announcementText(next)}`]),
      ],
      `cutover announce ${context.request.stack} --window START/END, ${announce} ahead; or override the check announced with a reason`,
    );
  },
};

function announcementText({ start, end, announcedAt, by }: Announcement): string {
  const iso = (instant: number): string => new Date(instant).toISOString();
  return `${iso(start)} to ${iso(end)}, ${showDuration(Math.max(0, start - announcedAt))} ahead, by ${by}`;
}
