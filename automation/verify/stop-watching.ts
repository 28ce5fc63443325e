import type { ResourceKind } from "../../clients/contracts.ts";
import { CutoverError } from "../../model/error.ts";
import type { VerbContext } from "../verb.ts";

export const cronJobs: ResourceKind = { group: "batch", version: "v1", plural: "cronjobs", namespaced: true };

/** Milliseconds of `--until`. Throws CUT-6323 (exit code 2) when it is no instant. */
export function readInstant(text: string): number {
  const at = Date.parse(text);
  if (/^\d{4}-\d{2}-\d{2}T.*Z$/.test(text) && !Number.isNaN(at)) return at;
  throw new CutoverError({
    code: "CUT-6323",
    verdict: "errored",
    happened: `${text} is no instant`,
    untouched: "Nothing was done.",
    next: "Write it in UTC: --until 2026-11-25T18:00:00Z",
    exitCode: 2,
  });
}

/** Suspends the CronJob (`namespace/name`) that runs this command: its time is over. Being gone already is fine. */
export async function suspendCronJob(context: VerbContext, stack: string, cronJob: string): Promise<boolean> {
  const [namespace = "", name = ""] = cronJob.split("/");
  const kubernetes = await context.kubernetes(stack);
  if ((await kubernetes.get(cronJobs, namespace, name)) === null) return false;
  await kubernetes.patch(cronJobs, namespace, name, { spec: { suspend: true } });
  return true;
}
