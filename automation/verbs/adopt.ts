import { createHelm } from "../../clients/helm.ts";
import { CutoverError } from "../../model/error.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { settingsFor } from "../../model/pins.ts";
import type { ResolvedService } from "../../model/service.ts";
import { editStackSettings } from "../../stacks/edit-stack-file.ts";
import { planStack } from "../../stacks/stack-plan.ts";
import { installedRevisions, refuseDifferences, type Candidate } from "../adopt/compare.ts";
import { takeOverState } from "../adopt/take-over-state.ts";
import { operatorName } from "../identity.ts";
import { chooseServices } from "../planned-services.ts";
import { openPulumi } from "../pulumi-command.ts";
import { readState } from "../pulumi-state.ts";
import { runUpWithRetries, type Driver } from "../run/driver.ts";
import type { Ending } from "../run/ending.ts";
import { beginOperation, endOperation } from "../run/operation.ts";
import { withDriver } from "../run/open-driver.ts";
import { reportEnding } from "../run/report.ts";
import { textOption, type Verb } from "../verb.ts";

/** `cutover adopt STACK`: services of plain Helm come under the stack, without a Helm upgrade. */
export const adopt: Verb = {
  name: "adopt",
  arguments: ["<stack>"],
  summary: "bring services that were installed with plain Helm under a stack",
  description:
    "Compares chart, values and manifest of what Helm runs with what the stack declares and refuses when they differ. Then brings the Helm releases " +
    "into Pulumi's state (no Helm upgrade, no hook runs) and verifies them by all gates: the baseline that the first rollback goes back to. " +
    "Services that are not installed are pinned to absent until `cutover install`.",
  examples: ["adopt infomart-dev", "adopt infomart-prod --service gsp --json"],
  options: [{ flags: "--service <name>", description: "only this service; the others stay as they are" }],
  exitCodes: [14, 15, 16, 17, 19, 20],
  async run(context) {
    const { stack = "" } = context.arguments;
    return withDriver(context, stack, (driver) => runAdopt(driver));
  },
};

/** The services of a stack by what adoption has to do with them. */
interface Sorted {
  all: ResolvedService[];
  candidates: Candidate[];
  /** In Pulumi's state already. */
  managed: Set<string>;
  missing: string[];
}

async function runAdopt(driver: Driver): Promise<number> {
  const { context, stack, ledger, settings, kubernetes } = driver;
  const { operation } = summarize(await ledger.pages());
  if (operation !== null && operation.operation !== "adopt") throw another(stack, operation.operation);
  const helm = createHelm(kubernetes);
  const sorted = await sortServices(driver);
  const { candidates } = sorted;
  for (const name of sorted.missing) context.output.note(`${name} is not installed: cutover install ${stack}`);
  if (candidates.length === 0) {
    if (operation !== null) await endOperation(ledger, operation.id, "passed", "everything is adopted");
    context.output.line(`nothing to adopt; next: cutover status ${stack}`);
    context.output.document({ verb: "adopt", stack, exitCode: 0, adopted: [], missing: sorted.missing });
    return 0;
  }
  await refuseDifferences(helm, context.root, stack, candidates);
  const targets = candidates.map(({ service: { name, releaseSet } }) => ({ service: name, releaseSet }));
  const reason = `adoption of ${targets.map(({ service }) => service).join(", ")}`;
  const id = operation?.id ?? (await beginOperation(ledger, { operation: "adopt", targets, reason, answersRun: null }));
  try {
    await editStackSettings(context.root, stack, settingsFor(settings.release, assignmentOf(sorted)));
    await takeOverState(context.root, stack, candidates);
  } catch (error) {
    const pins = Object.keys(settings.pins).length === 0 ? null : settings.pins;
    await editStackSettings(context.root, stack, { pins });
    await endOperation(ledger, id, "errored", "the state could not be taken over");
    throw error;
  }
  const by = operatorName();
  await ledger.append(
    candidates.map(({ service: { name, namespace, helmRelease, digest, releaseSet }, revision }) => {
      return { kind: "adopted" as const, service: name, namespace, helmRelease, revision, digest, releaseSet, by };
    }),
  );
  const ending = await untouched(driver, candidates, await runUpWithRetries(driver));
  const verdict = ending.kind === "passed" ? "passed" : ending.kind === "failed" ? "failed" : "inconclusive";
  await endOperation(ledger, id, verdict, ending.summary);
  return report(driver, sorted, ending);
}

async function sortServices({ context, stack, ledger, kubernetes }: Driver): Promise<Sorted> {
  const pages = await ledger.pages();
  const summary = summarize(pages);
  // Pins to `absent` are how this verb and install leave services out for now.
  const plan = await planStack(
    context.root,
    stack,
    () => Promise.resolve(pages),
    (settings) => ({
      ...settings,
      pins: Object.fromEntries(Object.entries(settings.pins).filter(([, set]) => set !== "absent")),
    }),
  );
  const all = plan.services.map(({ service }) => service);
  const chosen = new Set(
    chooseServices(
      plan.services.map(({ service, trigger }) => ({
        service,
        releaseSet: trigger.releaseSet,
        outside: plan.outside,
      })),
      textOption(context, "service"),
    ).map(({ service }) => service.name),
  );
  const [revisions, state] = await Promise.all([
    installedRevisions(createHelm(kubernetes), all),
    readState(openPulumi(context.root, stack)),
  ]);
  const owned = new Set(state.releases.map(({ namespace, name }) => `${namespace}/${name}`));
  const managed = new Set(
    all.filter(({ namespace, helmRelease }) => owned.has(`${namespace}/${helmRelease}`)).map(({ name }) => name),
  );
  // An adoption that was broken off before its gates passed goes on with what the state knows already.
  const begun = (name: string) =>
    !summary.lastVerified.has(name) &&
    (summary.adopted.has(name) || summary.operation?.targets.some(({ service }) => service === name) === true);
  const candidates = all.flatMap((service): Candidate[] => {
    const revision = revisions.get(service.name) ?? null;
    if (revision === null || !chosen.has(service.name)) return [];
    return managed.has(service.name) && !begun(service.name) ? [] : [{ service, revision }];
  });
  const missing = all.filter(({ name }) => revisions.get(name) === null).map(({ name }) => name);
  return { all, candidates, managed, missing };
}

/** Everything that the stack has or gets stands; the rest would be installed by the run. */
function assignmentOf({ all, candidates, managed }: Sorted): Map<string, string> {
  const stands = new Set([...managed, ...candidates.map(({ service }) => service.name)]);
  return new Map(all.map(({ name, releaseSet }) => [name, stands.has(name) ? releaseSet : "absent"]));
}

/** The run's ending; CUT-6453 when Helm has another revision than before all the same. */
async function untouched(driver: Driver, candidates: readonly Candidate[], ending: Ending): Promise<Ending> {
  const now = await installedRevisions(
    createHelm(driver.kubernetes),
    candidates.map(({ service }) => service),
  );
  const changed = candidates.filter(({ service, revision }) => now.get(service.name) !== revision);
  if (changed.length === 0) return ending;
  const evidence = changed.map(
    ({ service: { name }, revision }) => `${name}: revision ${revision} before, ${now.get(name) ?? "none"} now`,
  );
  const summary = "CUT-6453 Helm releases were changed while they were adopted";
  return { kind: "errored", service: null, step: null, summary, evidence, exitCode: 19 };
}

function report({ context, stack, settings }: Driver, sorted: Sorted, ending: Ending): number {
  const adopted = sorted.candidates.map(({ service }) => service.name);
  const passed = ending.kind === "passed";
  const summary = passed ? `${adopted.join(", ")} adopted and verified; no Helm release was changed` : ending.summary;
  const later = sorted.missing.length > 0 ? `cutover install ${stack}` : `cutover status ${stack}`;
  const next = passed ? later : `repair the cause, then: cutover adopt ${stack}`;
  reportEnding(context, {
    ...{ verb: "adopt", stack, releaseSet: settings.release, exitCode: ending.exitCode, next },
    ending: { ...ending, summary },
    more: { adopted, missing: sorted.missing },
  });
  return ending.exitCode;
}

function another(stack: string, operation: string): CutoverError {
  return new CutoverError({
    code: "CUT-6451",
    verdict: "failed",
    happened: `${stack} is in the middle of: ${operation}`,
    untouched: "Nothing was changed.",
    next: `cutover ${operation} ${stack} finishes it`,
    exitCode: 19,
  });
}
