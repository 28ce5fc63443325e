import type { Page } from "./ledger.ts";
import type { StepKind } from "./step.ts";

/** Receipts that are looked at per service and step, newest first: what took long two years ago tells little. */
const remembered = 5;

/**
 * How long a step is expected to take, in milliseconds: the median of the newest passed receipts of this service and
 * step, else of this step for any service, else null. Receipts that only kept earlier work are left out.
 */
export function expectedDurations(pages: readonly Page[]): (service: string | null, step: StepKind) => number | null {
  const exact = new Map<string, number[]>();
  const any = new Map<StepKind, number[]>();
  for (const page of [...pages].sort((a, b) => b.number - a.number)) {
    for (const entry of [...page.entries].reverse()) {
      if (entry.kind !== "receipt" || entry.receipt.verdict !== "passed" || entry.receipt.reused === true) continue;
      const { service, step, durationMilliseconds } = entry.receipt;
      remember(exact, `${service ?? ""} ${step}`, durationMilliseconds);
      remember(any, step, durationMilliseconds);
    }
  }
  return (service, step) => median(exact.get(`${service ?? ""} ${step}`) ?? any.get(step) ?? []);
}

function remember<Key>(map: Map<Key, number[]>, key: Key, value: number): void {
  const values = map.get(key) ?? [];
  if (values.length < remembered) values.push(value);
  map.set(key, values);
}

/** The middle value; the mean of the two middle ones for an even count; null for none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}
