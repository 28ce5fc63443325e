import { randomUUID } from "node:crypto";
import { notify } from "../../clients/notify.ts";
import { cloudEvent, type EventKind } from "../../model/cloud-event.ts";
import { summarize } from "../../model/ledger-summary.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { Driver } from "./driver.ts";

/** What happened, for the people who are told. */
export interface News {
  releaseSet: string;
  /** One sentence. */
  summary: string;
  /** The next command to type; empty: none. */
  next: string;
}

const verdicts: Partial<Record<EventKind, Verdict>> = {
  succeeded: "passed",
  failed: "failed",
  rolledBack: "failed",
  paused: "inconclusive",
};

/** Tells the stack's webhooks and commands; a dead one is a warning, never a reason to stop. */
export async function notifyOf(driver: Driver, kind: EventKind, news: News): Promise<void> {
  const { context, settings, stack, ledger } = driver;
  if (settings.notify.length === 0) return;
  const run = summarize(await ledger.pages()).lastPage;
  const event = cloudEvent(
    { kind, stack, id: randomUUID(), at: Date.now() },
    {
      run,
      releaseSet: news.releaseSet,
      verdict: verdicts[kind] ?? null,
      summary: news.summary,
      next: news.next || null,
    },
  );
  // Not the run's own signal: that a run was stopped is news too.
  for (const warning of await notify(settings.notify, event, new AbortController().signal))
    context.output.note(warning);
}
