import { randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kubernetes } from "../../clients/contracts.ts";
import type { LedgerStore } from "../../clients/ledger-contract.ts";
import { millisecondsOf, showDuration } from "../../model/duration.ts";
import { expectedDurations } from "../../model/expected-duration.ts";
import { summarize } from "../../model/ledger-summary.ts";
import type { ResolvedService } from "../../model/service.ts";
import type { StackSettings } from "../../model/stack-settings.ts";
import { planStack } from "../../stacks/stack-plan.ts";
import { openPulumi } from "../pulumi-command.ts";
import type { VerbContext } from "../verb.ts";
import { openDisplay } from "./display.ts";
import { judgeEnding, type Ending } from "./ending.ts";
import { readEvent } from "./events.ts";
import type { HeldLock } from "./lock.ts";
import { pulumiUp } from "./pulumi-up.ts";

/** What moves a stack: everything that a run of the driver needs. */
export interface Driver {
  context: VerbContext;
  stack: string;
  /** As they were when the driver began. */
  settings: StackSettings;
  kubernetes: Kubernetes;
  ledger: LedgerStore;
  lock: HeldLock;
}

const stopLookMilliseconds = 200;

/** One `pulumi up` of the stack as its file is now, shown while it runs, and how it ended by the ledger. */
export async function runUp(driver: Driver): Promise<Ending> {
  const { context, stack, ledger, lock } = driver;
  const before = await ledger.pages();
  const { declared, platformSteps } = await planStack(context.root, stack, () => Promise.resolve(before));
  const names = declared.map(({ service }) => service.name);
  const duration = expectedDurations(before);
  const steps = stepNames(
    platformSteps.map(({ kind }) => kind),
    declared.map(({ service }) => service),
  );
  const display = openDisplay(context.output, steps, (step) => {
    const [subject = "", kind = ""] = step.split(" ");
    return kind === "release"
      ? null
      : duration(subject === "platform" ? null : subject, kind as Parameters<typeof duration>[1]);
  });
  const stopFile = join(tmpdir(), `cutover-stop-${randomUUID()}`);
  const timer = setInterval(() => {
    if (context.stopSoon()) writeFileSync(stopFile, "");
  }, stopLookMilliseconds);
  let failedStep: string | null = null;
  const words: string[] = [];
  try {
    const end = await pulumiUp({
      root: context.root,
      stack,
      environment: { CUTOVER_RUN_LOCK: lock.id, CUTOVER_STOP_FILE: stopFile },
      signal: context.signal,
      onStart: (pid) => lock.setChild(pid),
      onEvent: (engineEvent) => {
        const event = readEvent(engineEvent, names);
        if (event === null) return;
        if (event.what === "fails") failedStep = event.step;
        if (event.what === "says") words.push(`${event.step}: ${event.text}`);
        display.event(event);
      },
    });
    await lock.setChild(null);
    const pages = await ledger.pages();
    const known = new Set(before.flatMap((page) => page.entries.map((entry) => entry.hash)));
    const receipts = pages
      .flatMap((page) => page.entries)
      .flatMap((entry) => (entry.kind === "receipt" && !known.has(entry.hash) ? [entry.receipt] : []));
    return judgeEnding(end, summarize(pages), receipts, {
      stopAsked: context.stopSoon(),
      failedStep,
      lastWords: words,
    });
  } finally {
    clearInterval(timer);
    display.end();
    rmSync(stopFile, { force: true });
  }
}

/** The same, tried again with growing pauses when a step could not tell (`errored`), as often as the stack allows. */
export async function runUpWithRetries(driver: Driver): Promise<Ending> {
  const { attempts, backoff } = driver.settings.retry;
  let pause = millisecondsOf(backoff);
  for (let attempt = 1; ; attempt += 1) {
    const ending = await runUp(driver);
    if (ending.kind !== "errored" || attempt >= attempts || driver.context.stopSoon()) return ending;
    driver.context.output.note(
      `could not tell: ${ending.summary}; try ${attempt + 1} of ${attempts} follows in ${showDuration(pause)}`,
    );
    await sleep(pause, undefined, { signal: driver.context.signal }).catch(() => undefined);
    pause *= 2;
    await clearPendingCreates(driver);
  }
}

// A pending create stays as a warning in every later `up` (facts/experiments.md 7).
async function clearPendingCreates(driver: Driver): Promise<void> {
  const { readState, settlePendingOperations } = await import("../pulumi-state.ts");
  const { createHelm } = await import("../../clients/helm.ts");
  const pulumi = openPulumi(driver.context.root, driver.stack);
  const note = (line: string) => driver.context.output.note(line);
  const voice = { say: note, act: note, done: [] };
  await settlePendingOperations(pulumi, await readState(pulumi), createHelm(driver.kubernetes), voice);
}

function stepNames(platformSteps: readonly string[], services: readonly ResolvedService[]): string[] {
  return [
    "platform preflight",
    ...platformSteps.map((step) => `platform ${step}`),
    ...services.flatMap((service) => service.steps.map((step) => `${service.name} ${step}`)),
    "platform finish",
  ];
}
