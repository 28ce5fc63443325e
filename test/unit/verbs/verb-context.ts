import { join } from "node:path";
import type { Output } from "../../../automation/output.ts";
import type { Verb, VerbContext } from "../../../automation/verb.ts";
import { openFileLedger } from "../../../clients/ledger-file-store.ts";
import type { LedgerStore } from "../../../clients/ledger-contract.ts";
import { CutoverError } from "../../../model/error.ts";
import type { Identity } from "../../../model/operation.ts";
import { loadStackSettings } from "../../../stacks/config.ts";
import { clusterOf } from "../preflight/situation.ts";

/** Verbs of a project folder, with ledgers in files and a person that the cluster knows. */
export interface VerbBench {
  ledger(stack: string): LedgerStore;
  /** Runs a verb; `document` is what `--json` prints, or the error's details. */
  run(verb: Verb, input: VerbInput): Promise<VerbResult>;
}

export interface VerbInput {
  arguments: Record<string, string>;
  options?: VerbContext["options"];
  identity?: Identity;
}

export interface VerbResult {
  exitCode: number;
  /** Code of the error it ended with. */
  code: string | null;
  /** Everything it said, notes and the error included. */
  text: string;
  document: unknown;
}

export function openBench(root: string): VerbBench {
  const ledger = (stack: string) => openFileLedger({ stack, folder: join(root, "ledgers", stack) });
  return {
    ledger,
    async run(verb, { arguments: given, options = {}, identity }) {
      const said: string[] = [];
      let document: unknown = null;
      const output: Output = {
        json: false,
        interactive: false,
        line: (text = "") => void said.push(text),
        note: (text) => void said.push(text),
        document: (value) => (document = value),
        paint: (_style, text) => text,
      };
      const context: VerbContext = {
        root,
        arguments: given,
        options,
        output,
        yes: true,
        signal: new AbortController().signal,
        stopSoon: () => false,
        settings: (stack) => loadStackSettings(root, stack),
        kubernetes: () => Promise.resolve(clusterOf(identity)),
        ledger: (stack) => Promise.resolve(ledger(stack)),
      };
      try {
        return { exitCode: await verb.run(context), code: null, text: said.join("\n"), document };
      } catch (error) {
        if (!(error instanceof CutoverError)) throw error;
        const { happened, evidence = [], next = "", exitCode = 1, code } = error.details;
        return { exitCode, code, text: [...said, happened, ...evidence, next].join("\n"), document };
      }
    },
  };
}
