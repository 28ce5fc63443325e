import { hostname } from "node:os";
import { CutoverError } from "../model/error.ts";
import type { EntryBody, Page, ServiceTarget } from "../model/ledger.ts";
import { summarize } from "../model/ledger-summary.ts";
import { verifyPages } from "../model/ledger-verify.ts";
import type { Receipt, StepRequest } from "../model/step.ts";
import type { Verdict } from "../model/verdict.ts";
import type { LedgerChange, LedgerStore } from "./ledger-contract.ts";

/** `<run>.<try>` as numbers, or null for `unknown`. */
export function parseAttempt(attempt: string): { run: number; attempt: number } | null {
  const match = /^(\d+)\.(\d+)$/.exec(attempt);
  return match === null ? null : { run: Number(match[1]), attempt: Number(match[2]) };
}

/**
 * Opens the run that the request belongs to, or continues the open one towards the same target. An open run towards
 * another target is closed as `notRun` first: its target was given up. Called by preflight.
 * Throws CUT-5010 when the ledger is damaged, CUT-5011 when it was unreadable at the program's start, CUT-5012 when
 * someone else began a run meanwhile (two `up` at once).
 */
export async function beginAttempt(
  ledger: LedgerStore,
  request: Pick<StepRequest, "attempt" | "target" | "stack">,
  targets: readonly ServiceTarget[],
  judged: Judged = {},
): Promise<{ attempt: string; resumed: boolean }> {
  const wanted = parseAttempt(request.attempt);
  if (wanted === null) throw unknownAttempt(request.stack);
  await ledger.update((pages) => closeAbandoned(pages, request, wanted.run));
  await ledger.update((pages) => beginning(pages, request, wanted, { targets: [...targets], ...judged }));
  return { attempt: request.attempt, resumed: wanted.attempt > 1 };
}

/** What promotion wants to know of a run later: the release set's folder hash, and by what each role is judged. */
type Judged = Pick<Extract<EntryBody, { kind: "attempt" }>, "setHash" | "judgedBy">;
type Begin = Pick<StepRequest, "attempt" | "target" | "stack">;

function closeAbandoned(pages: readonly Page[], request: Begin, run: number): LedgerChange | null {
  const problems = verifyPages(pages);
  if (problems.length > 0) {
    throw new CutoverError({
      code: "CUT-5010",
      verdict: "errored",
      happened: `the ledger of ${request.stack} is damaged`,
      evidence: problems.map((item) => `page ${item.page}, entry ${item.entry}: ${item.problem}`),
      untouched: "Nothing was changed.",
      next: "Restore the named pages (ConfigMaps) from a backup of the cluster and find out who changed them.",
    });
  }
  const open = summarize(pages).openRun;
  const last = pages.at(-1);
  if (last?.open !== true || open?.targetDigest === request.target.digest) return null;
  if (run !== last.number + 1) throw overtaken(request, pages);
  const reason = `given up: a run towards release set ${request.target.releaseSet} followed`;
  return { bodies: [{ kind: "closed", verdict: "notRun", reason }], page: "current", open: false };
}

function beginning(
  pages: readonly Page[],
  request: Begin,
  wanted: { run: number; attempt: number },
  aims: { targets: ServiceTarget[] } & Judged,
): LedgerChange {
  const { openRun, lastPage, operation } = summarize(pages);
  const continues = openRun !== null && openRun.targetDigest === request.target.digest;
  const run = continues ? openRun.number : lastPage + 1;
  const attempt = continues ? openRun.tries + 1 : 1;
  if (pages.at(-1)?.open === true && !continues) throw overtaken(request, pages);
  if (run !== wanted.run || attempt !== wanted.attempt) throw overtaken(request, pages);
  const body: EntryBody = {
    kind: "attempt",
    attempt: request.attempt,
    owner: ownerName(),
    operation: operation?.operation ?? "upgrade",
    releaseSet: request.target.releaseSet,
    targetDigest: request.target.digest,
    ...aims,
  };
  return { bodies: [body], page: continues ? "current" : "new", open: true };
}

function ownerName(): string {
  return `${process.env["USER"] ?? process.env["LOGNAME"] ?? "unknown"}@${hostname()} pid ${process.ppid}`;
}

/** How a receipt was stored; `head` is the ledger's hash after it. */
export interface Recorded {
  head: string;
  /** False when there was no run to record it in (a preflight that refused before it began one). */
  recorded: boolean;
}

/**
 * Records a receipt under its attempt; with `close` it also ends the run. `late`: the work was stopped or its caller
 * died, so that it must not overrule what a later attempt recorded.
 */
export async function recordReceipt(
  ledger: LedgerStore,
  request: StepRequest,
  receipt: Receipt,
  options: { close?: { verdict: Verdict; reason: string }; late?: boolean } = {},
): Promise<Recorded> {
  const digest = serviceText(request, "digest");
  const releaseSet = serviceText(request, "releaseSet") ?? request.target.releaseSet;
  const body: EntryBody = { kind: "receipt", receipt, digest, releaseSet };
  let recorded = true;
  const pages = await ledger.update((now) => {
    const change = receiptChange(now, request, body, options);
    recorded = change !== null;
    return change;
  });
  return { head: summarize(pages).head, recorded };
}

function receiptChange(
  pages: readonly Page[],
  request: StepRequest,
  body: EntryBody & { kind: "receipt" },
  options: { close?: { verdict: Verdict; reason: string }; late?: boolean },
): LedgerChange | null {
  const wanted = parseAttempt(request.attempt);
  const { openRun, lastPage } = summarize(pages);
  const anyOpen = pages.at(-1)?.open === true;
  const refused = body.receipt.step === "preflight" && body.receipt.verdict !== "passed";
  if (wanted === null) {
    if (refused) return null;
    throw unknownAttempt(request.stack);
  }
  const isOpenRun = openRun !== null && wanted.run === openRun.number;
  if (options.late === true && !(isOpenRun && wanted.attempt === openRun.tries)) {
    return { bodies: [lateNote(request, body.receipt)], page: anyOpen ? "current" : "new", open: anyOpen };
  }
  if (isOpenRun && wanted.attempt <= openRun.tries) {
    const closed: EntryBody[] = options.close === undefined ? [] : [{ kind: "closed", ...options.close }];
    return { bodies: [body, ...closed], page: "current", open: closed.length === 0 };
  }
  // A step of a service that stands verified by a closed run, run again because the cluster had drifted.
  if (!anyOpen && wanted.run <= lastPage) return { bodies: [body], page: "new", open: false };
  if (refused) return null;
  throw overtaken(request, pages);
}

function lateNote(request: StepRequest, receipt: Receipt): EntryBody {
  return {
    kind: "note",
    text: `late receipt of ${receipt.service ?? "platform"} ${receipt.step}: ${receipt.verdict}`,
    data: { attempt: request.attempt, summary: receipt.summary },
  };
}

function serviceText(request: StepRequest, field: string): string | null {
  const service: unknown = request.spec["service"];
  if (request.service === null || service === null || typeof service !== "object") return null;
  const value: unknown = (service as Record<string, unknown>)[field];
  return typeof value === "string" ? value : null;
}

function unknownAttempt(stack: string): CutoverError {
  return new CutoverError({
    code: "CUT-5011",
    verdict: "errored",
    happened: "the ledger could not be read when the program started, so this run has no number",
    untouched: "Nothing was changed.",
    next: `Make the cluster reachable, then: pulumi up --stack ${stack}`,
  });
}

function overtaken(request: Begin, pages: readonly Page[]): CutoverError {
  const last = pages.at(-1);
  const owners = last?.entries.flatMap((entry) =>
    entry.kind === "attempt" ? [`${entry.attempt} by ${entry.owner}`] : [],
  );
  return new CutoverError({
    code: "CUT-5012",
    verdict: "errored",
    happened: `attempt ${request.attempt} is not the ledger's turn: someone else used this stack meanwhile`,
    evidence: [
      `last page ${last?.number ?? 0}, ${last?.open === true ? "open" : "closed"}`,
      ...(owners ?? []).slice(-3).map((owner) => `attempt ${owner}`),
    ],
    untouched: "This step changed nothing.",
    next: `Wait for the other run to end, then: pulumi up --stack ${request.stack}`,
    exitCode: 14,
  });
}
