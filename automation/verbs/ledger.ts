import { isAbsolute, join, relative } from "node:path";
import { CutoverError, describeError } from "../../model/error.ts";
import type { Page } from "../../model/ledger.ts";
import { checkPages, readAnchor } from "../reports/ledger-check.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover ledger STACK`: the record itself: is it whole, and a copy of it. */
export const ledger: Verb = {
  name: "ledger",
  arguments: ["<stack>"],
  summary: "check or export a stack's ledger",
  description:
    "--verify recomputes every hash and every link, and compares the end with the head that Pulumi's state kept, so that a cut tail is seen. " +
    "--export writes all pages to a folder, chain intact. The ledger itself is only read.",
  examples: ["ledger infomart-prod --verify", "ledger infomart-prod --export ledger-2026 --json"],
  options: [
    { flags: "--verify", description: "also compare with the head in Pulumi's state" },
    {
      flags: "--export <folder>",
      description: "write all pages there, one JSON file a page; an earlier export is carried on",
    },
  ],
  exitCodes: [20],
  async run(context) {
    const { stack = "" } = context.arguments;
    context.settings(stack);
    const pages = await readPages(context, stack);
    if (pages === null) return 20;
    const verify = context.options["verify"] === true;
    const anchor = verify ? await readAnchor(context.root, stack) : { head: null, why: "not asked for (--verify)" };
    const check = checkPages(pages, anchor);
    const { output } = context;
    output.line(`${stack}: ${check.pages} page(s), ${check.entries} entries, head ${check.head}`);
    for (const problem of check.problems) output.line(output.paint("red", `damaged: ${problem}`));
    if (check.problems.length === 0) output.line("every hash and every link is right");
    if (anchor.head !== null && check.problems.length === 0) {
      output.line(`Pulumi's state knows head ${anchor.head}, and it is in the chain: the tail was not cut`);
    }
    if (verify && anchor.head === null) output.line(`not compared with Pulumi's state: ${anchor.why}`);
    const damaged = check.problems.length > 0;
    const exported = damaged ? null : await exportTo(context, stack, pages);
    if (damaged) output.line(`next: ${repair}`);
    output.document({ stack, ...check, anchor, exported, exitCode: damaged ? 20 : 0 });
    return damaged ? 20 : 0;
  },
};

const repair =
  "restore the named pages (ConfigMaps) from a backup of the cluster, find out who changed them; until then no run begins";

/** Null when a page cannot even be read: that is damage too. */
async function readPages(context: VerbContext, stack: string): Promise<Page[] | null> {
  try {
    return await (await context.ledger(stack)).pages();
  } catch (error) {
    if (!(error instanceof CutoverError) || error.details.code !== "CUT-5004") throw error;
    const problems = describeError(error);
    for (const line of problems) context.output.line(line);
    context.output.document({ stack, problems: [error.details.happened], exitCode: 20 });
    return null;
  }
}

async function exportTo(context: VerbContext, stack: string, pages: readonly Page[]): Promise<string | null> {
  const asked = textOption(context, "export");
  if (asked === undefined) return null;
  const folder = isAbsolute(asked) ? asked : join(process.cwd(), asked);
  const { exportPages } = await import("../../clients/ledger-export.ts");
  const written = await exportPages(stack, pages, folder);
  const shown = relative(process.cwd(), folder) || ".";
  context.output.line(`${written} page(s) written to ${shown}, ${pages.length - written} were there already`);
  return folder;
}
