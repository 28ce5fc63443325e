import { CutoverError } from "../model/error.ts";
import { canonicalJson, headOf, type Page } from "../model/ledger.ts";
import { fileShelf } from "./ledger-file-store.ts";

/**
 * Writes pages to a folder, one file a page, with hashes and times as they are; then reads them back. A folder of an
 * earlier export is carried on: what it has must be the beginning of what is written. Returns the number of pages written.
 * Throws CUT-6255 when the folder holds something else, which is also how a cut or changed ledger shows.
 */
export async function exportPages(stack: string, pages: readonly Page[], folder: string): Promise<number> {
  const shelf = fileShelf(stack, folder);
  const before = await shelf.read();
  const problems = before.flatMap(({ page }) => {
    const now = pages.find((candidate) => candidate.number === page.number);
    return now !== undefined && continues(page, now) ? [] : [`page ${page.number}`];
  });
  if (problems.length > 0) throw otherLedger(stack, folder, problems);
  let written = 0;
  for (const page of pages) {
    const earlier = before.find((candidate) => candidate.page.number === page.number);
    if (earlier !== undefined && canonicalJson(earlier.page) === canonicalJson(page)) continue;
    const outcome = await shelf.write(page, earlier?.version ?? null);
    if (outcome !== "written")
      throw otherLedger(stack, folder, [`page ${page.number} was written by someone else meanwhile`]);
    written += 1;
  }
  const after = (await shelf.read()).map((stored) => stored.page);
  if (headOf(after) !== headOf(pages)) throw otherLedger(stack, folder, ["what was written does not read back"]);
  return written;
}

/** True when `now` is `before`, or `before` was open and `now` goes on from it. */
function continues(before: Page, now: Page): boolean {
  if (before.stack !== now.stack) return false;
  const begun = canonicalJson(now.entries.slice(0, before.entries.length)) === canonicalJson(before.entries);
  return begun && (before.open || now.entries.length === before.entries.length);
}

function otherLedger(stack: string, folder: string, problems: readonly string[]): CutoverError {
  return new CutoverError({
    code: "CUT-6255",
    verdict: "failed",
    happened: `${folder} does not hold an earlier export of the ledger of ${stack}`,
    evidence: problems.slice(0, 5),
    untouched: "No page in the folder was overwritten; the ledger was only read.",
    next: "Export to a new folder and compare the two: if both are of this stack, one of them was changed.",
    exitCode: 20,
  });
}
