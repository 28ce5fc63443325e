import * as z from "zod";
import type { Verdict } from "./verdict.ts";
import type { GateResult } from "./gate.ts";
import type { Json } from "./service.ts";

/** All step kinds of design.md 1 that this version runs. */
export const stepKinds = [
  "preflight",
  "quiesce",
  "check",
  "inventory",
  "backup",
  "clone",
  "release",
  "migrate",
  "configure",
  "restore",
  "verify",
  "finish",
] as const;
export type StepKind = (typeof stepKinds)[number];

/**
 * What the Pulumi program hands to a step on stdin: public data only.
 * Secrets reach a step by environment (`CUTOVER_DATABASE_PASSWORD`), never here.
 */
export const stepRequestSchema = z.strictObject({
  stack: z.string(),
  platform: z.string(),
  environment: z.string(),
  step: z.enum(stepKinds),
  /** Name of the service, or null for platform steps. */
  service: z.string().nullable(),
  /** `<run>.<try>`, such as `12.1`; `unknown` when the ledger could not be read. */
  attempt: z.string(),
  /** Release set of the run and digest over all services. */
  target: z.strictObject({ releaseSet: z.string(), digest: z.string() }),
  cluster: z.strictObject({
    context: z.string().optional(),
    uid: z.string().optional(),
    ledgerNamespace: z.string(),
  }),
  /** What this kind of step needs; each step parses it with its own schema. */
  spec: z.record(z.string(), z.unknown()),
});
export type StepRequest = z.infer<typeof stepRequestSchema>;

/** What a step leaves as proof (design.md 1, Receipt). Printed as one JSON line and kept in the ledger. */
export interface Receipt {
  step: StepKind;
  service: string | null;
  verdict: Verdict;
  summary: string;
  evidence: string[];
  gates: GateResult[];
  /** Step-specific facts: backup id and sha256, schema versions, inventory digest. */
  facts: { [key: string]: Json };
  startedAt: string;
  durationMilliseconds: number;
  toolVersion: string;
  attempt: string;
  /** True when an earlier receipt of the same run was kept instead of doing the work again. */
  reused?: boolean;
}
