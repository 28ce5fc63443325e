import { CutoverError } from "../../model/error.ts";
import { allIssues, nextIssueId, openIssues, resolutionOf, type Issue } from "../../model/issues.ts";
import type { EntryBody, Page } from "../../model/ledger.ts";
import { didYouMean } from "../../model/suggestion.ts";
import type { LedgerStore } from "../../clients/ledger-contract.ts";
import { operatorName } from "../identity.ts";
import { columns } from "../output.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

const severities = ["low", "medium", "high"] as const;

/** `cutover issue STACK TEXT`: issues found on a stack, how they were resolved, and what remedies them next time. */
export const issue: Verb = {
  name: "issue",
  arguments: ["<stack>", "[text]"],
  summary: "record an issue that was found, or its resolution",
  description:
    "Keeps issues in the stack's ledger, so that status and promote show those that are open. Without a text it lists or resolves.",
  examples: [
    'issue infomart-staging "GCA snapshots late after the upgrade" --severity high',
    'issue infomart-staging --resolve issue-3 --resolution "more memory" --remedy "gca values of r2026-11b"',
  ],
  options: [
    { flags: "--severity <severity>", description: "low, medium or high", default: "medium" },
    { flags: "--resolve <issue>", description: "close this issue" },
    { flags: "--resolution <text>", description: "with --resolve: what was done" },
    { flags: "--remedy <text>", description: "what keeps it from coming back" },
    { flags: "--list", description: "list all issues, resolved ones too" },
  ],
  exitCodes: [],
  async run(context) {
    const { stack = "", text } = context.arguments;
    context.settings(stack);
    const resolve = textOption(context, "resolve");
    const list = context.options["list"] === true;
    if ([text !== undefined, resolve !== undefined, list].filter(Boolean).length !== 1) {
      throw wrongUse("say one of: a text, --resolve <issue>, --list", stack);
    }
    const ledger = await context.ledger(stack);
    if (list) return listIssues(context, stack, await ledger.pages());
    const id = resolve === undefined ? await open(context, ledger, text ?? "") : await close(context, ledger, resolve);
    const pages = await ledger.pages();
    const recorded = allIssues(pages).find((one) => one.id === id);
    context.output.line(`${id} ${recorded?.state ?? ""} (${recorded?.severity ?? ""}): ${recorded?.text ?? ""}`);
    context.output.line(`${openIssues(pages).length} open issue(s) on ${stack}`);
    context.output.document({ stack, issue: recorded, open: openIssues(pages).length });
    return 0;
  },
};

async function open(context: VerbContext, ledger: LedgerStore, text: string): Promise<string> {
  const severity = severities.find((one) => one === context.options["severity"]);
  if (severity === undefined) throw wrongUse(`--severity is one of: ${severities.join(", ")}`, ledger.stack);
  if (text.trim() === "") throw wrongUse("the text is empty", ledger.stack);
  const remedy = textOption(context, "remedy") ?? null;
  return append(ledger, (pages) => ({
    ...{ kind: "issue", id: nextIssueId(pages), text, severity, state: "open" },
    ...{ resolution: null, remedy, by: operatorName() },
  }));
}

async function close(context: VerbContext, ledger: LedgerStore, id: string): Promise<string> {
  const resolution = textOption(context, "resolution") ?? null;
  const remedy = textOption(context, "remedy") ?? null;
  if (resolution === null) throw wrongUse("--resolve wants a --resolution", ledger.stack);
  return append(ledger, (pages) => {
    const known = openIssues(pages);
    const found = known.find((one) => one.id === id);
    if (found === undefined) throw unknownIssue(ledger.stack, id, known);
    return resolutionOf(found, { resolution, remedy, by: operatorName() });
  });
}

/** Decided from the pages as they are when it is written: two at once never get one id. */
async function append(
  ledger: LedgerStore,
  body: (pages: readonly Page[]) => EntryBody & { kind: "issue" },
): Promise<string> {
  let id = "";
  await ledger.update((pages) => {
    const entry = body(pages);
    id = entry.id;
    const running = pages.at(-1)?.open === true;
    return { bodies: [entry], page: running ? "current" : "new", open: running };
  });
  return id;
}

function listIssues(context: VerbContext, stack: string, pages: readonly Page[]): number {
  const issues = allIssues(pages);
  const rows = issues.map((one) => [one.id, one.state, one.severity, one.openedAt, outcome(one)]);
  if (issues.length === 0) context.output.line(`no issues on ${stack}`);
  for (const line of columns(rows)) context.output.line(line);
  context.output.document({ stack, issues });
  return 0;
}

function outcome({ text, resolution, remedy }: Issue): string {
  return [
    text,
    ...(resolution === null ? [] : [`resolution: ${resolution}`]),
    ...(remedy === null ? [] : [`remedy: ${remedy}`]),
  ].join("; ");
}

function wrongUse(happened: string, stack: string): CutoverError {
  return new CutoverError({
    code: "CUT-6253",
    verdict: "errored",
    happened,
    untouched: "Nothing was recorded.",
    next: `cutover issue ${stack} "what was found" --severity high, or cutover issue --help`,
    exitCode: 2,
  });
}

function unknownIssue(stack: string, id: string, open: readonly Issue[]): CutoverError {
  const ids = open.map((one) => one.id);
  return new CutoverError({
    code: "CUT-6254",
    verdict: "errored",
    happened: `${stack} has no open issue ${id}${didYouMean(id, ids)}`,
    evidence: [ids.length === 0 ? "no issue is open" : `open: ${ids.join(", ")}`],
    untouched: "Nothing was recorded.",
    next: `cutover issue ${stack} --list`,
    exitCode: 2,
  });
}
