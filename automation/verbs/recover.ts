import { recover as recoverStack } from "../recover.ts";
import type { Verb } from "../verb.ts";

/** `cutover recover STACK`: from any crash to a known state. */
export const recover: Verb = {
  name: "recover",
  arguments: ["<stack>"],
  summary: "bring a stack into a known state after a crash",
  description:
    "Proves the owner of a stale lock dead, settles pending Helm releases, leases of dead workers, the lock and pending operations, and says " +
    "what it did. Changes nothing while the owner may live.",
  examples: ["recover infomart-dev", "recover infomart-prod --json"],
  options: [],
  exitCodes: [14, 20],
  async run(context) {
    const { root, output } = context;
    const { stack = "" } = context.arguments;
    context.settings(stack);
    const done: string[] = [];
    const act = (line: string) => {
      done.push(line);
      output.line(line);
    };
    const next = await recoverStack(root, stack, { say: (line) => output.line(line), act, done });
    output.line(`next: ${next}, or cutover upgrade ${stack}`);
    output.document({ verb: "recover", stack, actions: done, next });
    return 0;
  },
};
