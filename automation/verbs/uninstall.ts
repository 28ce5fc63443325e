import { configMaps } from "../../clients/kubernetes-kinds.ts";
import { CutoverError } from "../../model/error.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { orderFor } from "../../model/order.ts";
import type { PlatformDefinition } from "../../model/platform.ts";
import type { ResolvedService } from "../../model/service.ts";
import { loadPlatform } from "../../stacks/load-platform.ts";
import { planStack } from "../../stacks/stack-plan.ts";
import { beginOperation, endOperation } from "../run/operation.ts";
import type { Driver } from "../run/driver.ts";
import { moveServices } from "../run/move-services.ts";
import { recordRemoved, unprotect } from "../run/remove-service.ts";
import { withDriver } from "../run/open-driver.ts";
import { textOption, type Verb } from "../verb.ts";

/** `cutover uninstall STACK`: removes services in reverse install order; databases and object storage stay. */
export const uninstall: Verb = {
  name: "uninstall",
  arguments: ["<stack>"],
  summary: "remove a stack's services, in reverse install order",
  description:
    "Shows the vendor's warnings, which must be acknowledged, lifts Pulumi's protection of the service, removes its Helm release and waits until " +
    "its pods are gone. Databases and object storage are not touched. What survives is listed, and removed only with --remove-leftovers.",
  examples: [
    "uninstall infomart-dev --acknowledge",
    "uninstall infomart-dev --service gsp --acknowledge --remove-leftovers",
  ],
  options: [
    { flags: "--service <name>", description: "only this service" },
    { flags: "--acknowledge", description: "the warnings were read" },
    { flags: "--remove-leftovers", description: "also delete what survives an uninstall (GSP's state ConfigMaps)" },
  ],
  exitCodes: [14, 15, 19, 20],
  async run(context) {
    const { stack = "" } = context.arguments;
    const settings = context.settings(stack);
    const platform = await loadPlatform(context.root, settings.platform);
    for (const { text } of platform.uninstall?.warnings ?? []) context.output.note(`WARNING: ${text}`);
    for (const kept of platform.uninstall?.keeps ?? []) context.output.note(`not touched: ${kept}`);
    if (context.options["acknowledge"] !== true) throw notAcknowledged(stack);
    return withDriver(context, stack, (driver) => runUninstall(driver, platform));
  },
};

async function runUninstall(driver: Driver, platform: PlatformDefinition): Promise<number> {
  const { context, stack, ledger, settings } = driver;
  const { output } = context;
  const summary = summarize(await ledger.pages());
  const everything = await planStack(
    context.root,
    stack,
    () => ledger.pages(),
    (all) => ({ ...all, pins: {} }),
  );
  const services = everything.services.map(({ service }) => service);
  const present = await planStack(context.root, stack, () => ledger.pages());
  const asked = textOption(context, "service");
  const removing = orderFor("uninstall", services, platform.order.install).filter(
    ({ name }) =>
      (asked === undefined || name === asked) && present.services.some(({ service }) => service.name === name),
  );
  if (removing.length === 0) throw nothingThere(stack, asked, services);
  const standing = new Map(services.map(({ name }): [string, string] => [name, "absent"]));
  for (const { service } of present.services) standing.set(service.name, service.releaseSet);
  const targets = removing.map(({ name }) => ({ service: name, releaseSet: "absent" }));
  const reason = `uninstall of ${removing.map(({ name }) => name).join(", ")}`;
  const id =
    summary.operation?.operation === "uninstall"
      ? summary.operation.id
      : await beginOperation(ledger, { operation: "uninstall", targets, reason, answersRun: null });
  const byName = new Map(services.map((service) => [service.name, service]));
  const moved = await moveServices(driver, {
    standing,
    targets,
    release: settings.release,
    before: ({ service }) => unprotect(driver, service),
    after: async ({ service }) => {
      const gone = byName.get(service);
      if (gone !== undefined) await recordRemoved(driver, gone);
    },
  });
  const removed = removing.filter(({ name }) => moved.done.includes(name));
  const leftovers = await findLeftovers(driver, platform, removed, context.options["removeLeftovers"] === true);
  const { stoppedAt } = moved;
  if (stoppedAt === null) await endOperation(ledger, id, "passed", reason);
  const exitCode = stoppedAt === null ? 0 : 19;
  for (const name of moved.done) output.line(`${name}: removed, its pods are gone`);
  for (const line of leftovers) output.line(line);
  if (stoppedAt !== null) output.line(`stopped at ${stoppedAt.service}: ${stoppedAt.ending.summary}`);
  const next =
    stoppedAt === null ? `cutover install ${stack} brings them back` : `repair the cause, then the same command again`;
  output.line(`next: ${next}`);
  output.document({ verb: "uninstall", stack, exitCode, removed: moved.done, leftovers, stoppedAt, next });
  return exitCode;
}

async function findLeftovers(
  driver: Driver,
  platform: PlatformDefinition,
  removed: readonly ResolvedService[],
  remove: boolean,
): Promise<string[]> {
  const lines: string[] = [];
  for (const { role, labelSelector, text } of platform.uninstall?.leftovers ?? []) {
    for (const service of removed.filter((one) => one.role === role)) {
      const selector = labelSelector.replace("${release}", service.helmRelease);
      for (const { metadata } of await driver.kubernetes.list(configMaps, service.namespace, {
        labelSelector: selector,
      })) {
        if (remove) await driver.kubernetes.delete(configMaps, service.namespace, metadata.name);
        lines.push(`${remove ? "deleted" : "left over"}: configmap ${service.namespace}/${metadata.name} (${text})`);
      }
    }
  }
  return lines;
}

function notAcknowledged(stack: string): CutoverError {
  return new CutoverError({
    code: "CUT-6440",
    verdict: "failed",
    happened: `${stack} is not uninstalled before its warnings are acknowledged`,
    untouched: "Nothing was changed.",
    next: `read the warnings above, then: cutover uninstall ${stack} --acknowledge`,
    exitCode: 19,
  });
}

function nothingThere(stack: string, asked: string | undefined, services: readonly ResolvedService[]): CutoverError {
  const known = services.map(({ name }) => name);
  return new CutoverError({
    code: "CUT-6442",
    verdict: "failed",
    happened:
      asked === undefined ? `${stack} has nothing to uninstall` : `${stack} has no service ${asked} to uninstall`,
    evidence: [`services: ${known.join(", ")}`],
    untouched: "Nothing was changed.",
    next: `cutover status ${stack}`,
    exitCode: 2,
  });
}
