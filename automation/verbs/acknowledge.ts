import { CutoverError } from "../../model/error.ts";
import type { Page } from "../../model/ledger.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { secretValuesNotePattern, secretValuesNotes } from "../../model/secret-values.ts";
import { didYouMean } from "../../model/suggestion.ts";
import { openCallQuestions } from "../../model/upgrade-call.ts";
import { loadPlatform } from "../../stacks/load-platform.ts";
import { openReleaseSets } from "../../stacks/release-sets.ts";
import { secretValuesSetting } from "../../stacks/sealed-values.ts";
import { operatorName } from "../identity.ts";
import { stackSettingsSecret } from "../stack-secret.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover ack STACK NOTE`: somebody read a release note and acted on it. */
export const ack: Verb = {
  name: "ack",
  arguments: ["<stack>", "<note>"],
  summary: "acknowledge a release note: it was read and acted on",
  description:
    "Records in the ledger that a note of a release set was read and acted on, for this stack; preflight's check `notes` then lets it pass. " +
    "cutover:acknowledged in the stack file counts as well. So does the id of a plugin (plugin-...) that v7 does not have, as the check of the " +
    "Upgrade Assistant's output names it. The id of an upgrade call whose end nobody can tell lets it be made again.",
  examples: [
    "ack infomart-dev gim-2026-11-schema",
    'ack infomart-prod raa-2026-11 --reason "chat re-aggregated" --json',
  ],
  options: [{ flags: "--reason <text>", description: "what was done about it; it goes to the ledger" }],
  exitCodes: [],
  async run(context) {
    const { stack = "", note: id = "" } = context.arguments;
    const reason = textOption(context, "reason");
    const ledger = await context.ledger(stack);
    const pages = await ledger.pages();
    const note =
      findCall(pages, id, reason) ?? (await findOfSecret(context, stack, id)) ?? findNote(context, stack, id);
    const before = summarize(pages).acknowledged.has(id);
    if (!before) {
      const more = reason === undefined ? {} : { reason };
      await ledger.append({ kind: "acknowledgement", note: id, by: operatorName(), ...more });
    }
    context.output.line(`${id} ${before ? "was acknowledged before" : "acknowledged"} for ${stack}`);
    context.output.line(`${note.source}: ${note.text}`);
    context.output.document({ stack, note: id, acknowledged: true, before, releaseSet: note.releaseSet });
    return 0;
  },
};

/** A call whose end nobody knows, or that failed: by its id a person lets it be made again. Throws CUT-6477 without a reason. */
function findCall(pages: readonly Page[], id: string, reason: string | undefined): FoundNote | null {
  const call = openCallQuestions(pages).find((candidate) => candidate.id === id);
  if (call === undefined) return null;
  if (reason === undefined) {
    throw new CutoverError({
      code: "CUT-6477",
      verdict: "failed",
      happened: `${id} lets a call be made again that changes databases: say why`,
      evidence: [`${call.phase} since ${call.at}`],
      untouched: "Nothing was recorded.",
      next: "Give by --reason what you saw in the log, the API's status and the databases.",
      exitCode: 2,
    });
  }
  const text = `${call.phase} since ${call.at}; the next run may make it again if it left no trace or its cause is removed`;
  return { id, source: "upgrade call", text, releaseSet: call.to };
}

/** What the stack's own secret demands to be acknowledged, such as plugins that the new version does not have. */
async function findOfSecret(context: VerbContext, stack: string, id: string): Promise<FoundNote | null> {
  const { platform, release } = context.settings(stack);
  const { secretValues } = await loadPlatform(context.root, platform);
  if (secretValues === undefined || !secretValuesNotePattern(secretValues).test(id)) return null;
  const text = await stackSettingsSecret(context.root, stack, secretValuesSetting);
  const found = text === "" ? undefined : secretValuesNotes(secretValues, text).find((note) => note.id === id);
  return found === undefined ? null : { ...found, releaseSet: release };
}

interface FoundNote {
  id: string;
  source: string;
  text: string;
  releaseSet: string;
}

function findNote(context: VerbContext, stack: string, id: string): FoundNote {
  const { platform } = context.settings(stack);
  const sets = openReleaseSets(context.root, platform);
  const notes: FoundNote[] = [];
  const unread: string[] = [];
  for (const name of sets.order) {
    try {
      notes.push(...sets.load(name).set.notes.map((note) => ({ ...note, releaseSet: name })));
    } catch {
      // A damaged release set has its own error when it is wanted; here it only hides its notes.
      unread.push(name);
    }
  }
  const found = notes.find((note) => note.id === id);
  if (found !== undefined) return found;
  const ids = notes.map((note) => note.id);
  throw new CutoverError({
    code: "CUT-6252",
    verdict: "errored",
    happened: `no release set of ${platform} has a note ${id}${didYouMean(id, ids)}`,
    evidence: [
      `notes: ${notes.map((note) => `${note.id} (${note.releaseSet})`).join(", ")}`,
      ...(unread.length === 0 ? [] : [`release sets that cannot be read: ${unread.join(", ")}`]),
    ],
    untouched: "Nothing was recorded.",
    next: `cutover ack ${stack} NOTE with one of these; a lost database object (lost:...) is accepted under cutover:acknowledged in the stack file`,
    exitCode: 2,
  });
}
