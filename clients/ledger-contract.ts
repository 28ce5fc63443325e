import type { EntryBody, Page } from "../model/ledger.ts";

/** What a writer wants to add, decided from the pages as they are right now. */
export interface LedgerChange {
  bodies: readonly EntryBody[];
  /** `current`: to the open page. `new`: a page of its own; refused while another page is open. */
  page: "current" | "new";
  /** Whether that page stays open afterwards. */
  open: boolean;
}

/**
 * The ledger of one stack (design.md 7). At most one page is open, and it is the last one, so that the chain is a line.
 */
export interface LedgerStore {
  readonly stack: string;
  /** All pages, oldest first. One LIST. */
  pages(): Promise<Page[]>;
  /**
   * Reads, lets `decide` choose from what it sees, and writes atomically. When someone else was faster it reads and
   * decides anew: no entry is ever lost, no decision rests on old pages. `null` from `decide` writes nothing.
   * Returns the pages after the write.
   */
  update(decide: (pages: readonly Page[]) => LedgerChange | null): Promise<Page[]>;
  /** Adds to the open page, or as a closed page of its own when none is open. */
  append(bodies: EntryBody | readonly EntryBody[]): Promise<Page[]>;
}

/** Outcome of one attempt to store a page. `conflict`: someone else was faster. `unknown`: no answer came, and why. */
export type WriteOutcome = "written" | "conflict" | { unknown: unknown };

/** Where pages physically are; ledger-writer.ts makes a LedgerStore of it. */
export interface PageShelf {
  readonly stack: string;
  /** Pages, oldest first, each with the version it was read at. */
  read(): Promise<{ page: Page; version: string }[]>;
  /** Creates (version null) or replaces a page, only if it still is at that version. */
  write(page: Page, version: string | null): Promise<WriteOutcome>;
}
