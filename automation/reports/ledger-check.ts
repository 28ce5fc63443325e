import { pageName } from "../../clients/ledger-name.ts";
import { CutoverError, describeError, messageOf } from "../../model/error.ts";
import { headOf, type Entry, type Page } from "../../model/ledger.ts";
import { verifyPages, type LedgerProblem } from "../../model/ledger-verify.ts";
import { openPulumi } from "../pulumi-command.ts";

/** The head that the last finished run left in Pulumi's state, or why there is none to compare with. */
export type Anchor = { head: string } | { head: null; why: string };

/** What is wrong with a ledger, in words; nothing: an empty list. */
export interface LedgerCheck {
  problems: string[];
  head: string;
  pages: number;
  entries: number;
}

/** Reads the stack output `ledgerHead`. */
export async function readAnchor(root: string, stack: string): Promise<Anchor> {
  try {
    const outputs = JSON.parse(await openPulumi(root, stack)(["stack", "output", "--json"])) as {
      ledgerHead?: unknown;
    };
    const { ledgerHead } = outputs;
    if (typeof ledgerHead === "string" && /^[0-9a-f]{64}$/.test(ledgerHead)) return { head: ledgerHead };
    return { head: null, why: "no run has finished yet, so Pulumi's state has no head" };
  } catch (error) {
    const why = error instanceof CutoverError ? describeError(error).slice(0, 2).join("; ") : messageOf(error);
    return { head: null, why: `Pulumi's state could not be read: ${why}` };
  }
}

/** Checks the whole chain, and against the anchor that its end was not cut off. */
export function checkPages(pages: readonly Page[], anchor: Anchor): LedgerCheck {
  const problems = verifyPages(pages, anchor.head ?? undefined);
  return {
    problems: problems.map((problem) => problemText(problem, pages)),
    head: headOf(pages),
    pages: pages.length,
    entries: pages.reduce((sum, page) => sum + page.entries.length, 0),
  };
}

function problemText({ page: number, entry: index, problem }: LedgerProblem, pages: readonly Page[]): string {
  const page = pages.find((candidate) => candidate.number === number);
  if (page === undefined) return problem;
  const where = `page ${number} (ConfigMap ${pageName(page.stack, number)})`;
  const entry = page.entries[index];
  return entry === undefined ? `${where}: ${problem}` : `${where}, entry ${index}, ${nameOf(entry)}: ${problem}`;
}

function nameOf(entry: Entry): string {
  if (entry.kind !== "receipt") return entry.kind;
  return `receipt of ${entry.receipt.service ?? "platform"} ${entry.receipt.step}`;
}
