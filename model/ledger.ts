import { createHash } from "node:crypto";
import type { Receipt } from "./step.ts";
import type { Verdict } from "./verdict.ts";
import type { Json } from "./service.ts";

/** What one service of a run is moved to. */
export interface ServiceTarget {
  service: string;
  releaseSet: string;
  digest: string;
}

/** An entry before it is chained. Times are ISO 8601 in UTC. */
export type EntryBody =
  | {
      kind: "attempt";
      attempt: string;
      owner: string;
      operation: "upgrade";
      releaseSet: string;
      targetDigest: string;
      targets: ServiceTarget[];
    }
  | { kind: "receipt"; receipt: Receipt; digest: string | null; releaseSet: string }
  | { kind: "override"; check: string; reason: string; attempt: string }
  | { kind: "closed"; verdict: Verdict; reason: string }
  | { kind: "hold"; reason: string }
  | { kind: "unhold"; reason: string }
  | { kind: "acknowledgement"; note: string }
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
