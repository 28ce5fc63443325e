import type { Kubernetes } from "../clients/contracts.ts";
import type { LedgerStore } from "../clients/ledger-contract.ts";
import type { StackSettings } from "../model/stack-settings.ts";
import type { Output } from "./output.ts";

/** One option of a verb, in commander's words: `--reason <text>`, `--json`. */
export interface VerbOption {
  flags: string;
  description: string;
  required?: boolean;
  /** May be given several times: the value is a list. */
  repeatable?: boolean;
  default?: string;
}

/** What a verb works with. Nothing is opened before it is asked for. */
export interface VerbContext {
  /** The project folder: where Pulumi.yaml is. */
  root: string;
  /** The positional arguments by name; optional ones may be missing. */
  arguments: Readonly<Record<string, string>>;
  options: Readonly<Record<string, string | boolean | string[] | undefined>>;
  output: Output;
  /** True when `--yes` was given or nobody can be asked. */
  yes: boolean;
  /** Aborts on a second Ctrl-C; the first one only sets `stopSoon`. */
  signal: AbortSignal;
  stopSoon(): boolean;
  settings(stack: string): StackSettings;
  kubernetes(stack: string): Promise<Kubernetes>;
  ledger(stack: string): Promise<LedgerStore>;
}

/** One verb of `cutover`: a file in automation/verbs/. */
export interface Verb {
  name: string;
  /** Positional arguments as commander writes them: `<stack>`, `[backup]`. */
  arguments: readonly string[];
  summary: string;
  /** A few sentences: what it does, what it touches, what it never touches. */
  description: string;
  /** Two command lines without `cutover`. */
  examples: readonly [string, string];
  options: readonly VerbOption[];
  /** Exit codes that it can end with, besides 0, 1 and 2. */
  exitCodes: readonly number[];
  /** Returns the exit code, and with `--json` writes one JSON document. Throws CutoverError. */
  run(context: VerbContext): Promise<number>;
}

/** Text of an option; undefined when it was not given. */
export function textOption(context: VerbContext, name: string): string | undefined {
  const value = context.options[name];
  return typeof value === "string" ? value : undefined;
}
