import type { Page } from "./ledger.ts";

/** A window that was announced; times in milliseconds, UTC. */
export interface Announcement {
  releaseSet: string;
  start: number;
  end: number;
  announcedAt: number;
  by: string;
}

/** What the announcements say of one instant. */
export interface AnnouncementJudgement {
  /** Windows that cover it and were announced early enough. */
  inTime: Announcement[];
  /** Windows that cover it and were announced too late. */
  tooLate: Announcement[];
  /** The next announced window that has not begun. */
  next: Announcement | null;
}

/** All announcements of a ledger. */
export function announcementsOf(pages: readonly Page[]): Announcement[] {
  return pages
    .flatMap((page) => page.entries)
    .flatMap((entry) =>
      entry.kind === "announcement"
        ? [
            {
              releaseSet: entry.releaseSet,
              start: Date.parse(entry.starts),
              end: Date.parse(entry.ends),
              announcedAt: Date.parse(entry.at),
              by: entry.by,
            },
          ]
        : [],
    );
}

/** Was a window that covers `now` announced at least `notice` before its start? Milliseconds, UTC. */
export function judgeAnnouncements(
  announcements: readonly Announcement[],
  now: number,
  notice: number,
): AnnouncementJudgement {
  const covering = announcements.filter(({ start, end }) => start <= now && now < end);
  const early = ({ start, announcedAt }: Announcement): boolean => start - announcedAt >= notice;
  const coming = announcements.filter(({ start }) => start > now).toSorted((a, b) => a.start - b.start);
  return {
    inTime: covering.filter(early),
    tooLate: covering.filter((announcement) => !early(announcement)),
    next: coming[0] ?? null,
  };
}
