import { CutoverError } from "../../model/error.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { operatorName } from "../identity.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

const reasonOption = { flags: "--reason <text>", description: "why; it goes to the ledger", required: true } as const;

/** `cutover hold STACK`: nobody runs anything on the stack until the hold is lifted. */
export const hold: Verb = {
  name: "hold",
  arguments: ["<stack>"],
  summary: "put a stack on hold",
  description:
    "Until it is lifted, `cutover upgrade` and plain `pulumi up` are refused on this stack. A rollback is not.",
  examples: ['hold infomart-prod --reason "quarter end"', 'hold infomart-staging --reason "load test" --json'],
  options: [reasonOption],
  exitCodes: [],
  async run(context) {
    const { stack = "" } = context.arguments;
    const reason = textOption(context, "reason") ?? "";
    context.settings(stack);
    const ledger = await context.ledger(stack);
    const before = summarize(await ledger.pages()).hold;
    await ledger.append({ kind: "hold", reason, by: operatorName() });
    context.output.line(`${stack} is on hold: ${reason}`);
    if (before !== null) context.output.line(`it was on hold before: ${before}`);
    context.output.line(`next: when the reason no longer holds, cutover unhold ${stack} --reason "..."`);
    context.output.document({ stack, hold: reason, before });
    return 0;
  },
};

/** `cutover unhold STACK`: lifts a hold, with a reason. */
export const unhold: Verb = {
  name: "unhold",
  arguments: ["<stack>"],
  summary: "lift a stack's hold",
  description: "Lifts the hold that a person or a rollback set. The reason goes to the ledger.",
  examples: ['unhold infomart-prod --reason "quarter closed"', 'unhold infomart-dev --reason "fixed in r2026-11b"'],
  options: [reasonOption],
  exitCodes: [],
  run: async (context) => lift(context),
};

async function lift(context: VerbContext): Promise<number> {
  const { stack = "" } = context.arguments;
  const reason = textOption(context, "reason") ?? "";
  context.settings(stack);
  const ledger = await context.ledger(stack);
  const { hold: before, operation } = summarize(await ledger.pages());
  if (operation !== null) {
    throw new CutoverError({
      code: "CUT-6110",
      verdict: "failed",
      happened: `${stack} is in the middle of a ${operation.operation} (${operation.id})`,
      evidence: [`begun at ${operation.at} by ${operation.by}`],
      untouched: "The hold stays.",
      next: `cutover ${operation.operation} ${stack} finishes it`,
      exitCode: 19,
    });
  }
  if (before !== null) await ledger.append({ kind: "unhold", reason, by: operatorName() });
  context.output.line(
    before === null ? `${stack} is not on hold` : `${stack} is no longer on hold (it was: ${before})`,
  );
  context.output.document({ stack, hold: null, before });
  return 0;
}
