import type { EntryBody } from "../model/ledger.ts";
import type { Receipt } from "../model/step.ts";

// A ConfigMap may have 1 MiB; the reserve is for closing a full page.
const ordinaryLimit = 900_000;
const closingLimit = 1_000_000;
const smallestReceipt = 700;

/** Bytes a page may have; a page that is being closed may use the reserve. */
export function largestPageBytes(open: boolean): number {
  return open ? ordinaryLimit : closingLimit;
}

/**
 * Shortens a receipt so that a page never fills up: each may use a hundredth of what is left, at most 8 KiB.
 * Cut evidence is counted, never silently dropped.
 */
export function fitReceipt(body: EntryBody, used: number): EntryBody {
  if (body.kind !== "receipt") return body;
  const allowed = Math.max(smallestReceipt, Math.min(8192, Math.floor((ordinaryLimit - used) / 100)));
  return { ...body, receipt: cutReceipt(body.receipt, allowed) };
}

/** Cuts evidence (of gates first, then of the receipt, then long lines) until the JSON has at most `bytes` bytes. */
export function cutReceipt(receipt: Receipt, bytes: number): Receipt {
  let cut = receipt;
  for (const keep of [20, 8, 3, 1, 0]) {
    if (size(cut) <= bytes) return cut;
    cut = {
      ...cut,
      gates: cut.gates.map((gate) => ({ ...gate, evidence: keepLines(gate.evidence, keep) })),
      evidence: keepLines(cut.evidence, Math.max(keep, 1)),
    };
  }
  for (const length of [500, 160, 60]) {
    if (size(cut) <= bytes) return cut;
    cut = shorten(cut, length);
  }
  if (size(cut) <= bytes) return cut;
  const gates = cut.gates.length;
  cut = { ...cut, gates: cut.gates.filter((gate) => gate.verdict !== "passed").slice(0, 3) };
  cut.facts = { ...cut.facts, gatesNotShown: gates - cut.gates.length };
  return cut;
}

const mark = /^… (\d+) more lines? not shown$/;

function keepLines(lines: readonly string[], keep: number): string[] {
  const earlier = Number(mark.exec(lines.at(-1) ?? "")?.[1] ?? 0);
  const real = earlier > 0 ? lines.slice(0, -1) : [...lines];
  const hidden = earlier + Math.max(0, real.length - keep);
  if (hidden === 0) return [...lines];
  return [...real.slice(0, keep), `… ${hidden} more line${hidden === 1 ? "" : "s"} not shown`];
}

function shorten(receipt: Receipt, length: number): Receipt {
  const short = (text: string): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
  return {
    ...receipt,
    summary: short(receipt.summary),
    evidence: receipt.evidence.map(short),
    gates: receipt.gates.map((gate) => ({
      ...gate,
      summary: short(gate.summary),
      evidence: gate.evidence.map(short),
    })),
  };
}

function size(receipt: Receipt): number {
  return Buffer.byteLength(JSON.stringify(receipt));
}
