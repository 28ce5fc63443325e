import { createHash } from "node:crypto";
import type { Attestation } from "./attestation.ts";
import type { RestorePhase, RestorePlan } from "./restore.ts";
import type { Receipt } from "./step.ts";
import type { Verdict } from "./verdict.ts";
import type { Json } from "./service.ts";
import type { Identity, OperationKind, OperationTarget } from "./operation.ts";
import type { CallEntry } from "./upgrade-call.ts";

/** What one service of a run is moved to. */
export interface ServiceTarget {
  service: string;
  releaseSet: string;
  digest: string;
}

/** What a lower stack proved about a release set: the copied receipt of a promotion. */
export interface PromotionProof {
  stack: string;
  releaseSet: string;
  /** Sha256 of the release set's folder. */
  hash: string;
  toolVersion: string;
  /** Per role: digest of steps and gates that verified it, so that weaker gates below do not count above. */
  judgedBy: { [role: string]: string };
  run: number;
  /** ISO 8601, UTC. */
  verifiedAt: string;
  /** Head of the lower ledger when it was read. */
  ledgerHead: string;
}

/** An entry before it is chained. Times are ISO 8601 in UTC. */
export type EntryBody =
  | {
      kind: "attempt";
      attempt: string;
      owner: string;
      operation: OperationKind;
      releaseSet: string;
      targetDigest: string;
      targets: ServiceTarget[];
      /** Sha256 of the release set's folder. */
      setHash?: string;
      /** Per role of that set: digest of the steps and gates that judge it (model/judged-by.ts). */
      judgedBy?: { [role: string]: string };
    }
  | { kind: "receipt"; receipt: Receipt; digest: string | null; releaseSet: string }
  | { kind: "override"; check: string; reason: string; attempt: string }
  | { kind: "closed"; verdict: Verdict; reason: string }
  | { kind: "hold"; reason: string; by?: string }
  | { kind: "unhold"; reason: string; by?: string }
  // An operation of the driver that takes several runs; see model/operation.ts.
  | {
      kind: "operation";
      id: string;
      operation: OperationKind;
      targets: OperationTarget[];
      reason: string;
      by: string;
      answersRun: number | null;
    }
  | { kind: "operationEnded"; id: string; verdict: Verdict; reason: string }
  // A revision that plain Helm made and `cutover adopt` found equal to the release set: its description is not cutover's, and yet known.
  | {
      kind: "adopted";
      service: string;
      namespace: string;
      helmRelease: string;
      revision: number;
      digest: string;
      releaseSet: string;
      by: string;
    }
  // The service's Helm release is gone; what was verified of it no longer stands.
  | { kind: "removed"; service: string; namespace: string; helmRelease: string }
  // `setHash`: sha256 of the release set's folder.
  | { kind: "approval"; releaseSet: string; setHash: string; role: string; by: Identity }
  | { kind: "announcement"; releaseSet: string; starts: string; ends: string; text: string; by: string }
  | {
      kind: "issue";
      id: string;
      text: string;
      severity: "low" | "medium" | "high";
      state: "open" | "resolved";
      resolution: string | null;
      remedy: string | null;
      by: string;
    }
  // Proof of the lower stack, copied when it was promoted.
  | { kind: "promotion"; from: string; proof: PromotionProof; by: string }
  // Figures of performance gates by gate name, taken before an upgrade.
  | { kind: "baseline"; figures: { [gate: string]: number } }
  // All gates again outside any run (`cutover verify`), one result per service.
  | {
      kind: "verification";
      verdict: Verdict;
      results: { service: string; verdict: Verdict; summary: string }[];
      by: string;
      /** Of the cutover that judged; promotion compares it. */
      toolVersion?: string;
    }
  // A backup taken outside any run (`cutover backup`); a run's backups are receipts. `takenAt`: its snapshot.
  | {
      kind: "backup";
      service: string;
      backupId: string;
      folder: string;
      sha256: string;
      bytes: number;
      takenAt: string;
      by: string;
    }
  // One phase of a restore; see model/restore.ts. The first one is recorded before anything is changed.
  | {
      kind: "restore";
      id: string;
      service: string;
      backupId: string;
      phase: RestorePhase;
      plan: RestorePlan;
      reason: string;
      by: string;
    }
  // A restore of all operational databases of the platform. `stamp` is in the names of the kept databases: a resumed one uses it again.
  | {
      kind: "platformRestore";
      id: string;
      backupId: string;
      stamp: string;
      phase: "begun" | "ended";
      reason: string;
      by: string;
    }
  // `from` and `rehearsedAt` (ISO 8601): copied from a lower stack's ledger when it was promoted.
  | {
      kind: "rehearsal";
      releaseSet: string;
      setHash: string;
      verdict: Verdict;
      seconds: number;
      from?: string;
      rehearsedAt?: string;
    }
  | { kind: "acknowledgement"; note: string; reason?: string; by?: string }
  // One phase of a call that may be made only once; see model/upgrade-call.ts.
  | CallEntry
  // A person confirms what a tenant's setting is; see model/attestation.ts.
  | ({ kind: "attestation" } & Attestation)
  // `unlocked`: names of the Helm releases that were taken out of a stale pending state.
  | { kind: "recovery"; actions: string[]; unlocked?: string[] }
  | { kind: "note"; text: string; data?: Json };

/** One link of the hash chain. `previous` is the hash of the entry before it, over page borders too. */
export type Entry = { at: string; previous: string; hash: string } & EntryBody;

/**
 * One page: a run, or a single event outside any run. A ConfigMap in the cluster, a file in the file store.
 * Numbers start at 1 and have no gaps. A closed page is immutable.
 */
export interface Page {
  stack: string;
  number: number;
  open: boolean;
  entries: Entry[];
}

/** Hash before the first entry. */
export const genesisHash = "0".repeat(64);

/** JSON with sorted keys, so that equal data has equal bytes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Hex sha256 of a text or bytes. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Chains a body after the entry with hash `previous`. */
export function chain(previous: string, at: string, body: EntryBody): Entry {
  const unhashed = { at, previous, ...body };
  return { ...unhashed, hash: sha256(canonicalJson(unhashed)) };
}

/** Hash of the last entry over all pages. */
export function headOf(pages: readonly Page[]): string {
  for (const page of [...pages].sort((a, b) => b.number - a.number)) {
    const last = page.entries.at(-1);
    if (last !== undefined) return last.hash;
  }
  return genesisHash;
}
