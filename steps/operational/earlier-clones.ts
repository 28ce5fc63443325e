import type { Page } from "../../model/ledger.ts";

/** A clone by the names of source and copy. */
export interface KnownClone {
  database: string;
  clone: string;
}

/** The clones that the last good clone step of the stack left on this server; empty: none ever. */
export function earlierClones(pages: readonly Page[], server: string): KnownClone[] {
  const receipts = [...pages]
    .sort((a, b) => a.number - b.number)
    .flatMap(({ entries }) => entries)
    .flatMap((entry) =>
      entry.kind === "receipt" && entry.receipt.step === "clone" && entry.receipt.verdict === "passed"
        ? [entry.receipt.facts]
        : [],
    );
  const last = receipts.findLast((facts) => facts["server"] === server && Array.isArray(facts["clones"]));
  const clones = last?.["clones"];
  return Array.isArray(clones) ? clones.flatMap(knownClone) : [];
}

/** Names of all databases that any run of this stack began to make as clones on this server. */
export function everBegunClones(pages: readonly Page[], server: string): string[] {
  const names = pages
    .flatMap(({ entries }) => entries)
    .flatMap((entry) => (entry.kind === "note" ? begunIn(entry.data) : []))
    .filter((one) => one.server === server)
    .map(({ clone }) => clone);
  return [...new Set(names)];
}

/** What the ledger keeps of a clone before it is made. */
export interface BegunClone {
  clone: string;
  server: string;
  proof: string;
}

/** Reads the data of a note; nothing when it is about something else. */
export function begunIn(data: unknown): BegunClone[] {
  if (typeof data !== "object" || data === null || !("begunClone" in data)) return [];
  const one = data.begunClone;
  if (typeof one !== "object" || one === null) return [];
  const { clone, server, proof } = one as Partial<Record<keyof BegunClone, unknown>>;
  return typeof clone === "string" && typeof server === "string" && typeof proof === "string"
    ? [{ clone, server, proof }]
    : [];
}

function knownClone(value: unknown): KnownClone[] {
  if (typeof value !== "object" || value === null) return [];
  const { database, clone } = value as Partial<Record<keyof KnownClone, unknown>>;
  return typeof database === "string" && typeof clone === "string" ? [{ database, clone }] : [];
}
