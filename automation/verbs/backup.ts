import { resolve } from "node:path";
import { knownBackups, wholePlatform, type KnownBackup } from "../../model/backups.ts";
import { CutoverError } from "../../model/error.ts";
import { backupGlance } from "../../steps/database/backup-files.ts";
import { loadManifest } from "../../steps/platform/stored-backup.ts";
import { takeBackup, type TakenBackup } from "../database/take-backup.ts";
import { withStackLock } from "../database/with-lock.ts";
import { columns } from "../output.ts";
import { chooseServices, outsideNow, servicesNow } from "../planned-services.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover backup STACK`: backups outside any run, and the list of all. */
export const backup: Verb = {
  name: "backup",
  arguments: ["<stack>"],
  summary: "back up the databases of a stack, or list its backups",
  description:
    "Dumps the database of every service that has one, and all operational databases and nodes of the platform where it has such, as the step " +
    "`backup` of an upgrade does: written, read back completely, hashed, then recorded in the ledger. " +
    "Holds the stack's lock meanwhile. Services and databases stay as they are; no older backup is removed.",
  examples: ["backup infomart-prod", "backup infomart-prod --list --json"],
  options: [
    { flags: "--service <name>", description: "this service alone; `platform`: what belongs to no service" },
    { flags: "--list", description: "list all known backups, newest first, and whether their files are still there" },
  ],
  exitCodes: [14, 16, 17],
  run: (context) => (context.options["list"] === true ? list(context) : take(context)),
};

async function take(context: VerbContext): Promise<number> {
  const { stack = "" } = context.arguments;
  const named = textOption(context, "service");
  const outside = await outsideNow(context, stack);
  const whole = outside.operationalDatabases !== null && (named === undefined || named === wholePlatform);
  const services = (named === wholePlatform ? [] : chooseServices(await servicesNow(context, stack), named)).filter(
    ({ service }) => service.database !== null,
  );
  if (services.length === 0 && !whole) throw nothingToBackUp(stack, named);
  const backups: TakenBackup[] = [];
  await withStackLock(context, stack, async () => {
    if (whole) {
      const { takePlatformBackup } = await import("../platform/take-backup.ts");
      const taken = await takePlatformBackup(context, stack, outside);
      backups.push(taken);
      for (const line of linesOf(taken)) context.output.line(line);
    }
    for (const now of services) {
      if (context.stopSoon()) break;
      const taken = await takeBackup(context, stack, now);
      backups.push(taken);
      for (const line of linesOf(taken)) context.output.line(line);
    }
  });
  const left = services.slice(backups.length - (whole ? 1 : 0)).map(({ service }) => service.name);
  if (left.length > 0) context.output.line(`not backed up, as you asked to stop: ${left.join(", ")}`);
  const [first] = backups;
  if (first?.id !== undefined && first.id !== null)
    context.output.line(`next: cutover restore ${stack} ${first.id} brings it back`);
  context.output.document({ stack, backups, notBackedUp: left });
  return left.length === 0 ? 0 : 1;
}

function linesOf(taken: TakenBackup): string[] {
  return [
    `${taken.service}: ${taken.id ?? taken.kind}`,
    `  ${taken.summary}`,
    ...(taken.folder === null ? [] : [`  in ${taken.folder}, ${taken.bytes} bytes, ${taken.seconds} s`]),
  ];
}

async function list(context: VerbContext): Promise<number> {
  const { stack = "" } = context.arguments;
  context.settings(stack);
  const named = textOption(context, "service");
  const known = knownBackups(await (await context.ledger(stack)).pages());
  const shown = known.filter((item) => named === undefined || item.service === named);
  const backups = await Promise.all(shown.map(async (item) => ({ ...item, state: await stateOf(context.root, item) })));
  if (backups.length === 0) context.output.line(`the ledger of ${stack} knows no backup`);
  const rows = backups.map((item) => [item.takenAt, item.id, size(item.bytes), item.origin, item.state]);
  if (rows.length > 0)
    for (const line of columns([["TAKEN", "ID", "SIZE", "BY", "FILES"], ...rows])) context.output.line(line);
  context.output.document({ stack, backups });
  return 0;
}

/** A glance at names and sizes: only `restore` reads everything. */
async function stateOf(root: string, item: KnownBackup): Promise<string> {
  if (item.folder === null || item.sha256 === null) return "kept by another system";
  if (item.kind === "platform")
    return (await loadManifest(resolve(root, item.folder), item.sha256)) === null
      ? "manifest is gone or changed"
      : "there";
  return (await backupGlance(resolve(root, item.folder), item.sha256)) ?? "there";
}

function size(bytes: number | null): string {
  return bytes === null ? "-" : `${(bytes / 1e6).toFixed(1)} MB`;
}

function nothingToBackUp(stack: string, service: string | undefined): CutoverError {
  return new CutoverError({
    code: "CUT-6317",
    verdict: "failed",
    happened: `${service ?? stack} has no database that could be backed up`,
    untouched: "Nothing was changed.",
    next: `cutover status ${stack}`,
    exitCode: 2,
  });
}
