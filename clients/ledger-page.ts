import * as z from "zod";
import { CutoverError } from "../model/error.ts";
import { sha256, type Page } from "../model/ledger.ts";

const pageShape = z.object({
  stack: z.string(),
  number: z.number().int().positive(),
  open: z.boolean(),
  entries: z.array(z.looseObject({ at: z.string(), previous: z.string(), hash: z.string(), kind: z.string() })),
});

/** Parses one stored page; `where` names the file or ConfigMap in the error. Content is judged by verifyPages. */
export function readPage(text: string, where: string): Page {
  try {
    return pageShape.parse(JSON.parse(text)) as unknown as Page;
  } catch (error) {
    throw new CutoverError(
      {
        code: "CUT-5004",
        verdict: "errored",
        happened: `the ledger page ${where} is not readable`,
        evidence: [`${text.length} characters, sha256 ${sha256(text)}`],
        untouched: "Nothing was changed.",
        next: "Restore this page from a backup of the cluster; without it no run can be trusted.",
      },
      { cause: error },
    );
  }
}
