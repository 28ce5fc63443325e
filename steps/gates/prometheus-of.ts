import type { Prometheus } from "../../clients/contracts.ts";
import { createPrometheus } from "../../clients/prometheus.ts";
import { CutoverError } from "../../model/error.ts";
import type { RunningGate } from "./contract.ts";

/** The stack's Prometheus. @throws CutoverError CUT-4701 when the stack names none. */
export function prometheusOf(context: RunningGate, gate: string): Prometheus {
  if (context.prometheus !== null) return createPrometheus(context.prometheus, { signal: context.signal });
  throw new CutoverError({
    code: "CUT-4701",
    verdict: "errored",
    happened: `The gate ${gate} of ${context.service.name} asks Prometheus, and the stack names none.`,
    next: "Set cutover:prometheus in the stack file.",
  });
}
