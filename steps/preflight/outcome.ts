import type { CheckResult } from "./contract.ts";

/** The check said yes. */
export function passed(summary: string, evidence: string[] = []): CheckResult {
  return { verdict: "passed", summary, evidence };
}

/** There was nothing to judge. */
export function skipped(summary: string): CheckResult {
  return { verdict: "skipped", summary, evidence: [] };
}

/** The check said no; `next` tells the person what to do. */
export function failed(summary: string, evidence: string[], next: string): CheckResult {
  return { verdict: "failed", summary, evidence, next };
}

/** The check could not tell; `next` tells the person what to do. */
export function errored(summary: string, evidence: string[], next: string): CheckResult {
  return { verdict: "errored", summary, evidence, next };
}

/** `3 services`, `1 service`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
