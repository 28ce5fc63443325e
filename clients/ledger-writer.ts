import { setTimeout as sleep } from "node:timers/promises";
import { CutoverError, messageOf } from "../model/error.ts";
import { chain, headOf, type EntryBody, type Page } from "../model/ledger.ts";
import type { LedgerChange, LedgerStore, PageShelf } from "./ledger-contract.ts";
import { fitReceipt, largestPageBytes } from "./ledger-size.ts";

const mostTries = 40;

/** Makes a ledger of a shelf: optimistic locking, chaining, size guard. */
export function ledgerOver(shelf: PageShelf): LedgerStore {
  const store: LedgerStore = {
    stack: shelf.stack,
    async pages() {
      return (await shelf.read()).map((stored) => stored.page);
    },
    update: (decide) => update(shelf, decide),
    append(bodies) {
      const list: readonly EntryBody[] = "kind" in bodies ? [bodies] : bodies;
      return store.update((pages) => {
        const open = pages.at(-1)?.open === true;
        return { bodies: list, page: open ? "current" : "new", open };
      });
    },
  };
  return store;
}

async function update(shelf: PageShelf, decide: (pages: readonly Page[]) => LedgerChange | null): Promise<Page[]> {
  // Hashes of entries whose write got no answer: found again in the ledger, they were written after all.
  const unanswered = new Set<string>();
  let cause: unknown = new Error("other writers were always faster");
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const stored = await readAgain(shelf, attempt === 1 ? 1 : 5);
    const pages = stored.map((item) => item.page);
    if (pages.some((page) => page.entries.some((entry) => unanswered.has(entry.hash)))) return pages;
    const change = decide(pages);
    if (change === null || change.bodies.length === 0) return pages;
    const page = apply(shelf.stack, pages, change);
    const version = change.page === "new" ? null : (stored.at(-1)?.version ?? null);
    const outcome = await shelf.write(page, version);
    if (outcome === "written") return [...pages.filter((other) => other.number !== page.number), page];
    if (outcome !== "conflict") {
      cause = outcome.unknown;
      const last = page.entries.at(-1);
      if (last !== undefined) unanswered.add(last.hash);
    }
    await sleep(Math.min(20 * attempt, 500) * (0.5 + Math.random()));
  }
  throw new CutoverError(
    {
      code: "CUT-5001",
      verdict: "errored",
      happened: `the ledger of ${shelf.stack} could not be written in ${mostTries} tries`,
      evidence: [messageOf(cause)],
      next: "Check the cluster and whether other runs use this stack, then run the same command again.",
    },
    { cause },
  );
}

/** After a write without an answer the server may need a moment before it can be read. */
async function readAgain(shelf: PageShelf, tries: number): ReturnType<PageShelf["read"]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await shelf.read();
    } catch (error) {
      if (attempt >= tries) throw error;
      await sleep(400 * 2 ** attempt);
    }
  }
}

/** The page that results from a change; pure but for the clock. */
function apply(stack: string, pages: readonly Page[], change: LedgerChange): Page {
  const last = pages.at(-1);
  if (change.page === "current" && last?.open !== true) throw misuse(stack, "there is no open page to append to");
  if (change.page === "new" && last?.open === true) throw misuse(stack, `page ${last.number} is still open`);
  const base: Page =
    change.page === "current" && last !== undefined
      ? last
      : { stack, number: (last?.number ?? 0) + 1, open: change.open, entries: [] };
  let previous = headOf(pages);
  const at = new Date().toISOString();
  const page: Page = { ...base, open: change.open, entries: [...base.entries] };
  let used = JSON.stringify(page).length;
  for (const body of change.bodies) {
    const entry = chain(previous, at, fitReceipt(body, used));
    used += Buffer.byteLength(JSON.stringify(entry));
    page.entries.push(entry);
    previous = entry.hash;
  }
  if (used > largestPageBytes(change.open)) {
    throw new CutoverError({
      code: "CUT-5002",
      verdict: "errored",
      happened: `page ${page.number} of the ledger of ${stack} is full (${used} bytes)`,
      next: "Set cutover:release to a corrected release set: that closes this run and opens a new page.",
    });
  }
  return page;
}

function misuse(stack: string, happened: string): CutoverError {
  return new CutoverError({ code: "CUT-5003", verdict: "errored", happened: `ledger of ${stack}: ${happened}` });
}
