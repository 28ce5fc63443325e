import { createHelm } from "../../clients/helm.ts";
import { CutoverError } from "../../model/error.ts";
import { summarize } from "../../model/ledger-summary.ts";
import type { ExportViews } from "../../model/platform.ts";
import { letsPass } from "../../model/verdict.ts";
import { loadPlatform } from "../../stacks/load-platform.ts";
import { runGate } from "../../steps/gates/index.ts";
import { expandServices } from "../../model/expand.ts";
import { withStackLock } from "../database/with-lock.ts";
import { operatorName } from "../identity.ts";
import { identityNow } from "../step-work.ts";
import { servicesNow, type ServiceNow } from "../planned-services.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover export-views STACK`: the vendor's job that renews the export views, after a verified upgrade only. */
export const exportViews: Verb = {
  name: "export-views",
  arguments: ["<stack>"],
  summary: "renew the export views after a verified upgrade",
  description:
    "Exports go on with the views from before the upgrade until they are renewed. Runs the vendor's job in a pod of each tenant's service, once, and only where the ledger says that the service stands verified. " +
    "Then reminds of what has to change outside: target schema and import.",
  examples: ["export-views infomart-prod", "export-views infomart-prod --tenant t100 --json"],
  options: [{ flags: "--tenant <id>", description: "this tenant alone" }],
  exitCodes: [14, 19],
  run: (context) => withStackLock(context, context.arguments["stack"] ?? "", () => renew(context)),
};

async function renew(context: VerbContext): Promise<number> {
  const { stack = "" } = context.arguments;
  const { output } = context;
  const settings = context.settings(stack);
  const platform = await loadPlatform(context.root, settings.platform);
  const job = platform.extras?.exportViews;
  if (job === undefined) throw noExportViews(settings.platform);
  const tenant = textOption(context, "tenant");
  const services = (await servicesNow(context, stack)).filter(
    ({ service }) => service.role === job.role && (tenant === undefined || service.tenant === tenant),
  );
  if (services.length === 0)
    throw noSuchTenant(
      stack,
      job.role,
      expandServices(platform, settings).flatMap((slot) => slot.tenant?.id ?? []),
    );
  await refuseUnverified(context, stack, services);
  const results = [];
  for (const now of services) {
    const { name } = now.service;
    output.note(`${name}: ${job.command.join(" ")}`);
    const result = await runJob(context, stack, now, job);
    results.push({ service: name, verdict: result.verdict, summary: result.summary, evidence: result.evidence });
    output.line(`${name}: ${result.verdict}: ${result.summary}`);
    for (const line of result.evidence) output.line(`  ${line}`);
    const text = `export views of ${name} renewed by ${operatorName()}: ${result.verdict}`;
    await (
      await context.ledger(stack)
    ).append({ kind: "note", text, data: { command: [...job.command], summary: result.summary } });
    if (!letsPass(result.verdict)) break;
  }
  const passed = results.every((result) => letsPass(result.verdict));
  const reminders = passed ? [...job.reminder] : [];
  for (const line of reminders) output.line(`remember: ${line}`);
  if (!passed)
    output.line(`next: look at the pod's log, then run the same command again; the views from before stay in effect`);
  output.document({ stack, services: results, reminders });
  return passed ? 0 : 1;
}

async function runJob(context: VerbContext, stack: string, now: ServiceNow, job: ExportViews) {
  const kubernetes = await context.kubernetes(stack);
  const { timeoutSeconds } = job;
  return runGate(
    { kind: "exec", name: "export-views", command: [...job.command], timeoutSeconds },
    {
      kubernetes,
      helm: () => Promise.resolve(createHelm(kubernetes)),
      service: identityNow(now),
      openDatabase: () => Promise.reject(new Error("not needed")),
      prometheus: null,
      say: (line) => context.output.note(line),
      signal: context.signal,
    },
  );
}

/** Seed 001: update the views after the upgrade is complete, not during one. */
async function refuseUnverified(context: VerbContext, stack: string, services: readonly ServiceNow[]): Promise<void> {
  const { verified, openRun } = summarize(await (await context.ledger(stack)).pages());
  const problems = services.flatMap(({ service }) => {
    const stands = verified.get(service.name);
    if (stands === undefined) return [`${service.name} does not stand verified`];
    if (stands.digest !== service.digest)
      return [`${service.name} stands verified at ${stands.releaseSet}, the stack's file wants another state`];
    return [];
  });
  if (openRun !== null) problems.push(`run ${openRun.number} towards ${openRun.releaseSet} is not finished`);
  if (problems.length === 0) return;
  throw new CutoverError({
    code: "CUT-6328",
    verdict: "failed",
    happened: "the export views are renewed only after a complete, verified upgrade",
    evidence: problems,
    untouched: "The views and the database.",
    next: `cutover upgrade ${stack}`,
    exitCode: 19,
  });
}

function noExportViews(platform: string): CutoverError {
  return new CutoverError({
    code: "CUT-6329",
    verdict: "failed",
    happened: `the platform ${platform} has no export views`,
    untouched: "Nothing was changed.",
    next: "Use this verb with stacks of a platform that declares them.",
    exitCode: 2,
  });
}

function noSuchTenant(stack: string, role: string, tenants: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-6330",
    verdict: "failed",
    happened: `no ${role} of ${stack} belongs to that tenant`,
    evidence: [`tenants: ${[...new Set(tenants)].join(", ")}`],
    untouched: "Nothing was changed.",
    next: "Name one of these by --tenant.",
    exitCode: 2,
  });
}
