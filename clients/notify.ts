import { setTimeout as sleep } from "node:timers/promises";
import { kindOf, type CloudEvent } from "../model/cloud-event.ts";
import { CutoverError, messageOf } from "../model/error.ts";
import type { StackSettings } from "../model/stack-settings.ts";
import { httpRequest } from "./http.ts";
import { runProcess } from "./process.ts";

type Target = StackSettings["notify"][number];

const timeoutMilliseconds = 10_000;
const pausesMilliseconds = [500, 1_500];

/**
 * Tells every target of `cutover:notify` that wants this kind of event, all at once: webhooks by POST (10 s, two retries where
 * a retry can help), commands with the JSON on stdin (10 s). Never throws: a dead webhook must not stop an upgrade.
 * Returns a warning per target that was not reached, without the address's path, which often is the secret.
 */
export async function notify(
  targets: readonly Target[],
  event: CloudEvent,
  signal: AbortSignal,
  pauses: readonly number[] = pausesMilliseconds,
): Promise<string[]> {
  const wanted = targets.filter((target) => target.events?.includes(kindOf(event)) ?? true);
  const body = JSON.stringify(event);
  const warnings = await Promise.all(
    wanted.flatMap(({ url, command }) => [
      ...(url === undefined ? [] : [warningOf(placeOf(url), () => post(url, body, signal, pauses))]),
      ...(command === undefined ? [] : [warningOf(command[0] ?? "", () => tell(command, body, signal))]),
      ...(url === undefined && command === undefined
        ? [Promise.resolve(["an entry of cutover:notify has neither url nor command"])]
        : []),
    ]),
  );
  return warnings.flat();
}

async function warningOf(place: string, deliver: () => Promise<void>): Promise<string[]> {
  try {
    await deliver();
    return [];
  } catch (error) {
    // The text of a CutoverError holds the whole address.
    const why = error instanceof CutoverError ? (error.details.evidence ?? []).join("; ") : messageOf(error);
    return [`${place} was not notified: ${why}`];
  }
}

async function post(url: string, body: string, signal: AbortSignal, pauses: readonly number[]): Promise<void> {
  const headers = { "content-type": "application/cloudevents+json" };
  for (let attempt = 0; ; attempt += 1) {
    const pause = pauses[attempt];
    try {
      const { status } = await httpRequest(url, { method: "POST", headers, body, signal, timeoutMilliseconds });
      if (status >= 200 && status < 300) return;
      if (pause === undefined || !mayHeal(status)) throw new Error(`it answered ${status}`);
    } catch (error) {
      // No answer at all may heal as well.
      if (pause === undefined || signal.aborted || !(error instanceof CutoverError)) throw error;
    }
    await sleep(pause, undefined, { signal });
  }
}

function mayHeal(status: number): boolean {
  return status >= 500 || status === 429 || status === 408;
}

async function tell(command: readonly string[], body: string, signal: AbortSignal): Promise<void> {
  const { exitCode, endedBy, timedOut, aborted } = await runProcess(command, {
    input: body,
    timeoutMilliseconds,
    signal,
  });
  if (exitCode === 0) return;
  if (timedOut) throw new Error(`it did not end within ${timeoutMilliseconds / 1_000} s`);
  if (aborted) throw new Error("it was stopped");
  throw new Error(
    exitCode === null ? `it was ended by ${endedBy ?? "a signal"}` : `it ended with exit code ${exitCode}`,
  );
}

function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "(not a URL)";
}
