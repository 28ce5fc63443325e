import { chain, genesisHash, type Entry, type Page } from "./ledger.ts";

/** One thing that is wrong with a ledger. */
export interface LedgerProblem {
  page: number;
  /** Index of the entry in its page; -1 when the page as a whole is meant. */
  entry: number;
  problem: string;
}

/**
 * Checks a stack's whole ledger: page numbers without gaps, every hash, every link over page borders, closed pages.
 * `anchoredHead` is a head that was kept elsewhere (the Pulumi state): a chain alone cannot see that its tail was cut.
 * Returns what is wrong, oldest first; nothing wrong: an empty list.
 */
export function verifyPages(pages: readonly Page[], anchoredHead?: string): LedgerProblem[] {
  const sorted = [...pages].sort((a, b) => a.number - b.number);
  const problems: LedgerProblem[] = [];
  const seen = new Set([genesisHash]);
  let previous = genesisHash;
  let expected = 1;
  for (const [position, page] of sorted.entries()) {
    if (page.number !== expected) {
      problems.push({ page: page.number, entry: -1, problem: `page ${expected} is missing` });
    }
    expected = page.number + 1;
    if (page.open && position < sorted.length - 1) {
      problems.push({ page: page.number, entry: -1, problem: "the page is open although later pages exist" });
    }
    if (page.stack !== sorted[0]?.stack) {
      problems.push({ page: page.number, entry: -1, problem: `the page belongs to stack ${page.stack}` });
    }
    if (page.entries.length === 0) problems.push({ page: page.number, entry: -1, problem: "the page is empty" });
    for (const [index, entry] of page.entries.entries()) {
      if (entry.previous !== previous) {
        problems.push({ page: page.number, entry: index, problem: "does not follow the entry before it" });
      }
      if (hashOf(entry) !== entry.hash) {
        problems.push({ page: page.number, entry: index, problem: "its content does not match its hash" });
      }
      previous = entry.hash;
      seen.add(entry.hash);
    }
  }
  if (anchoredHead !== undefined && !seen.has(anchoredHead)) {
    problems.push({ page: expected - 1, entry: -1, problem: `the tail was cut: head ${anchoredHead} is missing` });
  }
  return problems;
}

/** The hash that an entry's content has now. */
function hashOf(entry: Entry): string {
  const { at, previous, hash: _hash, ...body } = entry;
  return chain(previous, at, body).hash;
}
