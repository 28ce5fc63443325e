import { findBackup, knownBackups } from "../../model/backups.ts";
import { CutoverError } from "../../model/error.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { showDuration } from "../../model/duration.ts";
import { confirmLoss } from "../confirm.ts";
import { dropReplaced } from "../database/drop-replaced.ts";
import { prepareRestore, type PreparedRestore } from "../database/prepare-restore.ts";
import { performRestore, undoRestore } from "../database/restore.ts";
import { withStackLock } from "../database/with-lock.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover restore STACK BACKUP`: beside and swap, never over. */
export const restore: Verb = {
  name: "restore",
  arguments: ["<stack>", "[backup]"],
  summary: "restore a service's database from a backup",
  description:
    "Checks the whole backup, says what would be lost and asks. Then stops the service, restores into a new database beside the old one, compares all rows, " +
    "and swaps the two; the old database is kept under a new name until --drop-replaced. Interrupted at any point, the same command goes on. " +
    "Runs as the service's own role, or as CUTOVER_DATABASE_ADMIN_USER with CUTOVER_DATABASE_ADMIN_PASSWORD.",
  examples: [
    "restore infomart-staging infomart-staging/gim-t100/12",
    "restore infomart-staging --drop-replaced infomart_t100_replaced_20261122_191422 --yes",
  ],
  options: [
    { flags: "--service <name>", description: "whose backup, where its name alone does not say" },
    { flags: "--leave-stopped", description: "do not start the service afterwards" },
    {
      flags: "--nodes",
      description: "of a platform backup: bring the folders of the nodes back, instead of the databases",
    },
    { flags: "--undo", description: "take an interrupted restore back, as long as it has not swapped" },
    { flags: "--drop-replaced <database>", description: "remove a database that an earlier restore replaced" },
  ],
  exitCodes: [14, 15, 16, 17, 19, 20],
  async run(context) {
    const { stack = "" } = context.arguments;
    const dropped = textOption(context, "dropReplaced");
    return withStackLock(context, stack, () =>
      dropped === undefined ? restoreNow(context) : dropReplaced(context, stack, dropped),
    );
  },
};

async function restoreNow(context: VerbContext): Promise<number> {
  const { stack = "", backup: named } = context.arguments;
  const { output } = context;
  const pages = await (await context.ledger(stack)).pages();
  if (named === undefined) throw noBackupNamed(stack);
  const backup = findBackup(knownBackups(pages), named, textOption(context, "service"));
  const { operation } = summarize(pages);
  if (operation !== null && context.options["undo"] !== true) throw operationOpen(stack, operation.operation);
  const leaveStopped = context.options["leaveStopped"] === true;
  if (backup.kind === "platform") {
    const { restoreAll } = await import("../platform/restore-all.ts");
    return restoreAll(context, { stack, named: backup.id, leaveStopped, nodes: context.options["nodes"] === true });
  }
  const prepared = await prepareRestore(context, { stack, service: backup.service, backupId: backup.id, leaveStopped });
  if (context.options["undo"] === true) {
    if (!prepared.continues) throw nothingToUndo(stack, backup.service);
    await undoRestore(context, prepared);
    output.line(`${backup.service}: the restore from ${backup.id} was taken back`);
    output.document({ stack, service: backup.service, undone: backup.id });
    return 0;
  }
  await ask(context, prepared);
  const result = await performRestore(context, prepared);
  const { from, to } = result.lostInterval;
  output.line(`${backup.service}: ${prepared.restore.plan.database} is restored from ${backup.id}`);
  output.line(`what was written from ${from} to ${to} is only in ${result.replacedDatabase} now`);
  output.line(
    `remove that one when it is no longer needed: cutover restore ${stack} --drop-replaced ${result.replacedDatabase}`,
  );
  const stopped = prepared.restore.plan.leaveStopped;
  const next = stopped
    ? `the service is stopped; cutover upgrade or rollback ${stack} starts it`
    : `cutover verify ${stack} --service ${backup.service}`;
  output.line(`next: ${next}`);
  output.document({ stack, service: backup.service, ...result, leftStopped: stopped, next });
  return 0;
}

async function ask(
  context: VerbContext,
  { restore: planned, continues, warnings, service }: PreparedRestore,
): Promise<void> {
  const { plan, backupId } = planned;
  const note = (line: string) => context.output.note(line);
  for (const warning of warnings) note(`warning: ${warning}`);
  const lost = Date.parse(plan.begunAt) - Date.parse(plan.backupTakenAt);
  note(`backup ${backupId} shows ${plan.database} as it was at ${plan.backupTakenAt}`);
  note(
    `lost to ${service.name}: what was written from ${plan.backupTakenAt} to ${plan.begunAt} (${showDuration(lost)})`,
  );
  note(`kept: that all stays in ${plan.replaced}`);
  // It was confirmed when it began; the service may be stopped since.
  if (continues) note(`going on with the interrupted restore ${planned.id}, which had reached: ${planned.phase}`);
  else await confirmLoss(context, `Stop ${service.helmRelease} and restore ${plan.database} from ${backupId}?`);
}

function noBackupNamed(stack: string): CutoverError {
  return new CutoverError({
    code: "CUT-6318",
    verdict: "failed",
    happened: "no backup was named",
    untouched: "Nothing was changed.",
    next: `cutover backup ${stack} --list shows them; then: cutover restore ${stack} <id> (or latest)`,
    exitCode: 2,
  });
}

function operationOpen(stack: string, operation: string): CutoverError {
  return new CutoverError({
    code: "CUT-6319",
    verdict: "failed",
    happened: `${stack} is in the middle of: ${operation}`,
    untouched: "Nothing was changed.",
    next: `cutover ${operation} ${stack} finishes it, with the restore that it asks for`,
    exitCode: 19,
  });
}

function nothingToUndo(stack: string, service: string): CutoverError {
  return new CutoverError({
    code: "CUT-6320",
    verdict: "failed",
    happened: `no restore of ${service} was interrupted`,
    untouched: "Nothing was changed.",
    next: `cutover history ${stack}`,
    exitCode: 2,
  });
}
