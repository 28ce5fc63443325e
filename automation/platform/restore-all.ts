import { resolve } from "node:path";
import { startService, workloadsOf } from "../database/stop-service.ts";
import { confirmLoss } from "../confirm.ts";
import { outsideNow, servicesNow } from "../planned-services.ts";
import { manualAttempt, openStepWork } from "../step-work.ts";
import type { VerbContext } from "../verb.ts";
import { namedPlatformBackup } from "./platform-backups.ts";
import { describeLoss, restorePlatform } from "./restore-platform.ts";

interface Input {
  stack: string;
  named: string;
  leaveStopped: boolean;
  /** The folders of the nodes instead of the databases. */
  nodes: boolean;
}

/** `cutover restore STACK <platform backup>`: all operational databases, or with --nodes the folders of the nodes. */
export async function restoreAll(context: VerbContext, input: Input): Promise<number> {
  return input.nodes ? restoreFolders(context, input) : restoreAllDatabases(context, input);
}

async function restoreAllDatabases(context: VerbContext, { stack, named, leaveStopped }: Input): Promise<number> {
  const { output } = context;
  const pages = await (await context.ledger(stack)).pages();
  const { known, backup } = await namedPlatformBackup(context.root, pages, named);
  const services = (await servicesNow(context, stack)).map(({ service }) => service);
  await confirmLoss(context, describeLoss(backup, new Date()));
  const kubernetes = await context.kubernetes(stack);
  const workloads = await Promise.all(
    services.map(async (service) => ({ service, replicas: await workloadsOf(kubernetes, service) })),
  );
  const outside = await outsideNow(context, stack);
  const restored = await restorePlatform(context, { stack, named: known.id, services, outside, sincePage: 0 });
  for (const { database, kept } of restored?.databases ?? []) {
    output.line(
      `${database}: restored from ${known.id}${kept === null ? "" : `; what it replaced is kept as ${kept}`}`,
    );
  }
  if (restored !== null)
    output.line(
      `what was written from ${restored.lostInterval.from} to ${restored.lostInterval.to} is only in the kept databases`,
    );
  if (!leaveStopped) for (const { service, replicas } of workloads) await startService(kubernetes, service, replicas);
  const next = leaveStopped
    ? `the services are stopped; cutover upgrade or rollback ${stack} starts them`
    : `cutover verify ${stack}`;
  output.line(`next: ${next}`);
  output.document({ verb: "restore", stack, exitCode: 0, ...restored, leftStopped: leaveStopped, next });
  return 0;
}

async function restoreFolders(context: VerbContext, { stack, named }: Input): Promise<number> {
  const { output } = context;
  const pages = await (await context.ledger(stack)).pages();
  const { known, backup } = await namedPlatformBackup(context.root, pages, named);
  const { nodes, procedure } = await outsideNow(context, stack);
  if (procedure === null) {
    output.line(`${stack} has no nodes: nothing was changed`);
    return 2;
  }
  await confirmLoss(
    context,
    `The folders saved by ${known.id} are brought back to ${nodes.map(({ name }) => name).join(", ")}; those of now are kept beside them.`,
  );
  const { restoreNodes } = await import("../../steps/nodes/restore.ts");
  const work = { stack, step: "restore" as const, attempt: manualAttempt(new Date()), spec: {} };
  const connections = await openStepWork(context, null, work);
  try {
    const stamp = work.attempt.replace("manual-", "");
    const restored = await restoreNodes(connections.context, { nodes, procedure, backups: backup.nodes, stamp });
    for (const { node, folder, kept } of restored) {
      output.line(`${node} ${folder}: as in ${known.id}; the folder of before is kept as ${kept}`);
    }
    output.document({ verb: "restore", stack, exitCode: 0, backup: known.id, root: resolve(context.root), restored });
    return 0;
  } finally {
    await connections.close();
  }
}
