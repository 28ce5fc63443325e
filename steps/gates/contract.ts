import type { Helm, Kubernetes, Postgres } from "../../clients/contracts.ts";
import type { GateKind, GateOf, GateResult } from "../../model/gate.ts";
import type { ServiceIdentity } from "../../model/step-specs.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { GateDatabase } from "./database.ts";

/** What the gates of one service are judged with. Made by the step; clients are opened only when a gate needs them. */
export interface GateContext {
  kubernetes: Kubernetes;
  helm: () => Promise<Helm>;
  service: ServiceIdentity;
  /** Opens a connection of its own for each call; the gate closes it. Rejects with a CutoverError when there is no database. */
  openDatabase: () => Promise<Postgres>;
  /** The same for the platform's operational databases (absent name: the core database); absent: it has none. */
  openOperational?: (database?: string) => Promise<GateDatabase>;
  /** Where gates ask that name no connection; absent: `service`. */
  defaultConnection?: "service" | "operational";
  /** The figure of a performance gate before this release set; null: none was recorded. Absent: nobody keeps them. */
  figureBefore?: (gate: string) => Promise<number | null>;
  /** Base address of Prometheus, or null when the stack has none. */
  prometheus: string | null;
  /** Shows one line of progress to a person. */
  say: (progress: string) => void;
  /** Aborts everything: the step stops. */
  signal: AbortSignal;
  /** Milliseconds since the epoch after which no gate waits any longer, whatever its own time-out; absent: no such limit. */
  deadline?: number;
  /** For gates that watch on while others are judged: called when the gate would pass, so that the others may begin. */
  onReady?: () => void;
  /** Settles when all other gates have ended; absent: there are none. */
  others?: Promise<unknown>;
}

/** The context of one running gate: `signal` also aborts at `deadline`, which is always set. */
export interface RunningGate extends GateContext {
  deadline: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** What a gate found; `runGate` adds the name, the kind and the time. */
export interface Finding {
  verdict: Verdict;
  summary: string;
  evidence: string[];
  /** Of performance gates: what was measured. */
  figure?: number;
}

/** One gate. Rejecting means "could not tell": it becomes the verdict `errored`. */
export type Gate<Kind extends GateKind> = (spec: GateOf<Kind>, context: RunningGate) => Promise<Finding>;

/** Results of several gates, one for each spec and in their order. */
export type GateResults = GateResult[];
