import { chain, genesisHash, type EntryBody, type Page, type ServiceTarget } from "../../../model/ledger.ts";
import type { Receipt, StepKind } from "../../../model/step.ts";
import type { Verdict } from "../../../model/verdict.ts";

/** Chains bodies into pages: one inner list per page; the last page stays open when `open` says so. */
export function makePages(bodies: readonly (readonly EntryBody[])[], open = false): Page[] {
  let previous = genesisHash;
  let second = 0;
  return bodies.map((list, index) => ({
    stack: "infomart-dev",
    number: index + 1,
    open: open && index === bodies.length - 1,
    entries: list.map((body) => {
      const entry = chain(previous, new Date(Date.UTC(2026, 10, 1) + 1000 * (second += 1)).toISOString(), body);
      previous = entry.hash;
      return entry;
    }),
  }));
}

export function attemptEntry(attempt: string, releaseSet: string, targets: ServiceTarget[]): EntryBody {
  const targetDigest = targetDigestOf(targets);
  return {
    kind: "attempt",
    attempt,
    owner: "someone@somewhere",
    operation: "upgrade",
    releaseSet,
    targetDigest,
    targets,
  };
}

export function targetDigestOf(targets: readonly ServiceTarget[]): string {
  return targets.map((target) => `${target.service}=${target.digest}`).join(",");
}

export function receiptEntry(
  step: StepKind,
  target: ServiceTarget | null,
  attempt: string,
  more: { verdict?: Verdict; milliseconds?: number; reused?: boolean } = {},
): EntryBody {
  const receipt: Receipt = {
    step,
    service: target?.service ?? null,
    verdict: more.verdict ?? "passed",
    summary: "",
    evidence: [],
    gates: [],
    facts: {},
    startedAt: "2026-11-01T00:00:00.000Z",
    durationMilliseconds: more.milliseconds ?? 100,
    toolVersion: "0.1.0",
    attempt,
    ...(more.reused === true ? { reused: true } : {}),
  };
  return { kind: "receipt", receipt, digest: target?.digest ?? null, releaseSet: target?.releaseSet ?? "r2026-08" };
}

/** A whole run that verified all targets and was closed. */
export function passedRun(number: number, targets: ServiceTarget[], milliseconds = 100): EntryBody[] {
  const attempt = `${number}.1`;
  return [
    attemptEntry(attempt, targets[0]?.releaseSet ?? "r2026-08", targets),
    receiptEntry("preflight", null, attempt, { milliseconds }),
    ...targets.flatMap((target) => [
      receiptEntry("check", target, attempt, { milliseconds }),
      receiptEntry("verify", target, attempt, { milliseconds }),
    ]),
    receiptEntry("finish", null, attempt, { milliseconds }),
    { kind: "closed", verdict: "passed", reason: "all verified" },
  ];
}
