import { toolVersion } from "../../model/tool-version.ts";
import { randomUUID } from "node:crypto";
import { notify } from "../../clients/notify.ts";
import { cloudEvent } from "../../model/cloud-event.ts";
import { letsPass, worstOf, type Verdict } from "../../model/verdict.ts";
import { readRunLock } from "../../steps/work/run-lock.ts";
import { lastBaseline, recordBaseline } from "../database/baseline.ts";
import { operatorName } from "../identity.ts";
import { columns } from "../output.ts";
import { chooseServices, servicesNow, type ServiceNow } from "../planned-services.ts";
import { measureFigures } from "../verify/figures.ts";
import { refuseWhileLocked } from "../verify/locked.ts";
import { readInstant, suspendCronJob } from "../verify/stop-watching.ts";
import {
  exitCodeOf,
  judgeFigures,
  verifyService,
  withFigures,
  type FigureVerdict,
  type ServiceVerdict,
} from "../verify/verify-services.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover verify STACK`: all gates again, outside any run, recorded. */
export const verify: Verb = {
  name: "verify",
  arguments: ["<stack>"],
  summary: "judge all gates of a stack again, now",
  description:
    "Runs all gates of all services in upgrade order, outside any run, and records the verdict: a stack whose last verification failed is not promoted. " +
    "With --baseline also the figures of cutover:performance, against those before the upgrade and against their limits. Changes nothing in the cluster but the ledger.",
  examples: ["verify infomart-prod --baseline", "verify infomart-staging --service gim-t100 --json"],
  options: [
    { flags: "--baseline", description: "judge the performance figures too" },
    { flags: "--record-baseline", description: "when all passed, keep the present figures as the baseline" },
    { flags: "--service <name>", description: "this service alone" },
    { flags: "--until <instant>", description: "after this instant (UTC) do nothing, and suspend --cron-job" },
    { flags: "--cron-job <namespace/name>", description: "the CronJob of `cutover watch` that runs this" },
  ],
  exitCodes: [14, 19],
  async run(context) {
    const { stack = "" } = context.arguments;
    const settings = context.settings(stack);
    const until = textOption(context, "until");
    if (until !== undefined && readInstant(until) <= Date.now()) return endWatch(context, stack, until);
    const lock = await readRunLock(await context.kubernetes(stack), {
      namespace: settings.cluster.ledgerNamespace,
      stack,
    });
    const watching = textOption(context, "cronJob") !== undefined;
    if (lock.state === "alive" || lock.state === "unsure")
      return refuseWhileLocked(context, stack, lock.holder, watching);
    const services = chooseServices(await servicesNow(context, stack), textOption(context, "service"));
    return judge(context, stack, services);
  },
};

async function judge(context: VerbContext, stack: string, services: readonly ServiceNow[]): Promise<number> {
  const { output, options } = context;
  const settings = context.settings(stack);
  const ledger = await context.ledger(stack);
  const [compares, records] = [options["baseline"] === true, options["recordBaseline"] === true];
  const baseline = lastBaseline(await ledger.pages());
  const resolved = services.map(({ service }) => service);
  const measured = compares || records ? await measureFigures(settings, resolved, context.signal) : [];
  const figures = compares ? judgeFigures(measured, baseline?.figures ?? {}) : [];
  const results: ServiceVerdict[] = [];
  for (const now of services) {
    context.signal.throwIfAborted();
    results.push(withFigures(await verifyService(context, stack, now), figures));
  }
  const verdict = worstOf(results.map((result) => result.verdict));
  await ledger.append({
    kind: "verification",
    toolVersion,
    verdict,
    results: results.map(({ service, verdict: own, summary }) => ({ service, verdict: own, summary })),
    by: operatorName(),
  });
  const recorded = records && letsPass(verdict) ? await recordBaseline(context, stack, measured) : null;
  show(context, results, figures, verdict);
  if (records && recorded === null) output.line("the figures were not kept as a baseline: not everything passed");
  if (recorded !== null) output.line(`baseline of ${Object.keys(recorded).length} figures recorded`);
  const next = nextOf(stack, verdict);
  output.line(`next: ${next}`);
  output.document({ stack, verdict, services: results, figures, baselineAt: baseline?.at ?? null, recorded, next });
  if (!letsPass(verdict)) await tell(context, stack, { verdict, results, next });
  return exitCodeOf(verdict);
}

function show(
  { output }: VerbContext,
  results: readonly ServiceVerdict[],
  figures: readonly FigureVerdict[],
  verdict: Verdict,
): void {
  const rows = [
    ...results.map((result) => [result.service, result.verdict, result.summary]),
    ...figures.map((figure) => [figure.key, figure.verdict, figure.summary]),
  ];
  for (const line of columns(rows)) output.line(line);
  for (const { verdict: own, evidence } of results) {
    if (!letsPass(own)) for (const line of evidence) output.line(`  evidence: ${line}`);
  }
  output.line(`verdict: ${output.paint(letsPass(verdict) ? "green" : "red", verdict)}`);
}

function nextOf(stack: string, verdict: Verdict): string {
  if (letsPass(verdict)) return `cutover status ${stack}`;
  if (verdict === "inconclusive")
    return `record a baseline while it is well (cutover verify ${stack} --record-baseline), or judge the figures yourself: cutover ack ${stack} NOTE`;
  return `cutover status ${stack}; repair what is named, or take it back: cutover rollback ${stack}`;
}

async function tell(
  context: VerbContext,
  stack: string,
  found: { verdict: Verdict; results: readonly ServiceVerdict[]; next: string },
): Promise<void> {
  const settings = context.settings(stack);
  const bad = found.results.filter((result) => !letsPass(result.verdict));
  const summary = `verification ${found.verdict}: ${bad.map((result) => result.summary).join("; ")}`;
  const data = { run: null, releaseSet: settings.release, verdict: found.verdict, summary, next: found.next };
  const event = cloudEvent({ kind: "failed", stack, id: randomUUID(), at: Date.now() }, data);
  for (const warning of await notify(settings.notify, event, context.signal))
    context.output.note(`warning: ${warning}`);
}

/** The time of `cutover watch` is over: nothing is judged any more. */
async function endWatch(context: VerbContext, stack: string, until: string): Promise<number> {
  const cronJob = textOption(context, "cronJob");
  const suspended = cronJob !== undefined && (await suspendCronJob(context, stack, cronJob));
  context.output.line(`watching ended at ${until}: nothing was judged${suspended ? `, ${cronJob} is suspended` : ""}`);
  context.output.document({ stack, verdict: "skipped", until, suspended: suspended ? cronJob : null });
  return 0;
}
