import type { Kubernetes } from "../clients/contracts.ts";
import type { LedgerStore } from "../clients/ledger-contract.ts";
import type { StackSettings } from "../model/stack-settings.ts";
import { loadStackSettings } from "../stacks/config.ts";
import type { Output } from "./output.ts";
import type { VerbContext } from "./verb.ts";

/** A verb's context and the end of its signal handlers. */
export interface OpenContext extends VerbContext {
  close(): void;
}

/** Makes the context of one command: settings, clients and ledgers are opened once, when they are first asked for. */
export function openContext(
  input: Pick<VerbContext, "root" | "arguments" | "options"> & { output: Output },
): OpenContext {
  const { root, output } = input;
  const stop = new AbortController();
  let interrupts = 0;
  const interrupted = () => {
    interrupts += 1;
    if (interrupts === 1) output.note("stopping after the step that runs now; press Ctrl-C again to stop at once");
    else stop.abort(new Error("interrupted twice"));
  };
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", interrupted);
  const settings = byStack((stack): StackSettings => loadStackSettings(root, stack));
  const kubernetes = byStack(async (stack): Promise<Kubernetes> => {
    const { connectKubernetes } = await import("../clients/kubernetes.ts");
    const { context } = settings(stack).cluster;
    return connectKubernetes(context === undefined ? {} : { context });
  });
  const ledger = byStack(async (stack): Promise<LedgerStore> => {
    const { openLedgerOn } = await import("../clients/ledger-store.ts");
    const { ledgerNamespace } = settings(stack).cluster;
    return openLedgerOn(await kubernetes(stack), { stack, cluster: { ledgerNamespace } });
  });
  return {
    ...input,
    yes: input.options["yes"] === true || !process.stdin.isTTY,
    signal: stop.signal,
    stopSoon: () => interrupts > 0,
    settings,
    kubernetes,
    ledger,
    close() {
      process.off("SIGINT", interrupted);
      process.off("SIGTERM", interrupted);
    },
  };
}

function byStack<Value>(open: (stack: string) => Value): (stack: string) => Value {
  const opened = new Map<string, Value>();
  return (stack) => {
    const value = opened.get(stack) ?? open(stack);
    opened.set(stack, value);
    return value;
  };
}
