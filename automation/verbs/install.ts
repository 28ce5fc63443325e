import { CutoverError } from "../../model/error.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { installOrder } from "../../model/order.ts";
import { loadPlatform } from "../../stacks/load-platform.ts";
import { planStack } from "../../stacks/stack-plan.ts";
import { beginOperation, endOperation } from "../run/operation.ts";
import type { Driver } from "../run/driver.ts";
import { moveServices } from "../run/move-services.ts";
import { withDriver } from "../run/open-driver.ts";
import type { Verb } from "../verb.ts";

/** `cutover install STACK`: the first installation, in the platform's install order. */
export const install: Verb = {
  name: "install",
  arguments: ["<stack>"],
  summary: "install what a stack does not have yet, in install order",
  description:
    "Installs service by service in the platform's install order (Info Mart: GSP, GCA, GIM), each verified before the next. Services that stand " +
    "verified are left alone, so that the same command continues an interrupted installation.",
  examples: ["install infomart-dev", "install infomart-staging --json"],
  options: [],
  exitCodes: [14, 15, 17, 19, 20],
  async run(context) {
    const { stack = "" } = context.arguments;
    return withDriver(context, stack, (driver) => runInstall(driver));
  },
};

async function runInstall(driver: Driver): Promise<number> {
  const { context, stack, ledger, settings } = driver;
  const { output } = context;
  const summary = summarize(await ledger.pages());
  if (summary.operation !== null && summary.operation.operation !== "install")
    throw another(stack, summary.operation.operation);
  // Pins to `absent` are how this verb takes one service after the other; what a person pinned to a release set stays.
  const wanted = await planStack(
    context.root,
    stack,
    () => ledger.pages(),
    (all) => ({
      ...all,
      pins: Object.fromEntries(Object.entries(all.pins).filter(([, set]) => set !== "absent")),
    }),
  );
  const platform = await loadPlatform(context.root, settings.platform);
  const services = installOrder(
    wanted.services.map(({ service }) => service),
    platform.order.install,
  );
  const standing = new Map(
    services.map(({ name }): [string, string] => [name, summary.lastVerified.get(name)?.releaseSet ?? "absent"]),
  );
  const missing = services.filter(({ name }) => standing.get(name) === "absent");
  if (missing.length === 0) {
    if (summary.operation !== null)
      await endOperation(ledger, summary.operation.id, "passed", "everything is installed");
    output.line(`every service of ${stack} is installed; next: cutover upgrade ${stack}`);
    output.document({ verb: "install", stack, exitCode: 0, installed: [] });
    return 0;
  }
  const targets = missing.map(({ name, releaseSet }) => ({ service: name, releaseSet }));
  const reason = `first installation of ${missing.length} services at ${settings.release}`;
  const id =
    summary.operation?.id ??
    (await beginOperation(ledger, { operation: "install", targets, reason, answersRun: null }));
  const moved = await moveServices(driver, { standing, targets, release: settings.release });
  if (moved.stoppedAt === null) await endOperation(ledger, id, "passed", `installed ${moved.done.join(", ")}`);
  const { stoppedAt } = moved;
  const exitCode = stoppedAt === null ? 0 : stoppedAt.ending.exitCode === 1 ? 19 : stoppedAt.ending.exitCode;
  for (const name of moved.done) output.line(`${name}: installed and verified`);
  if (stoppedAt !== null) {
    output.line(`stopped at ${stoppedAt.service} ${stoppedAt.ending.step ?? ""}: ${stoppedAt.ending.summary}`);
    for (const line of stoppedAt.ending.evidence) output.line(`  ${line}`);
  }
  const next = stoppedAt === null ? `cutover status ${stack}` : `repair the cause, then: cutover install ${stack}`;
  output.line(`next: ${next}`);
  output.document({ verb: "install", stack, exitCode, installed: moved.done, stoppedAt, next });
  return exitCode;
}

function another(stack: string, operation: string): CutoverError {
  return new CutoverError({
    code: "CUT-6430",
    verdict: "failed",
    happened: `${stack} is in the middle of: ${operation}`,
    untouched: "Nothing was changed.",
    next: `cutover ${operation} ${stack} finishes it`,
    exitCode: 19,
  });
}
