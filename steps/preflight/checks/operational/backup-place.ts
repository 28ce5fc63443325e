import { access, constants } from "node:fs/promises";
import { messageOf } from "../../../../model/error.ts";
import { folderProblem } from "../../../../model/operational/backup-device.ts";
import { serverKindName } from "../../../../model/operational/server-kind.ts";
import type { Check } from "../../contract.ts";
import { existingFolder } from "../../free-space.ts";
import { notGuarded } from "../../guarded.ts";
import { failed, passed, skipped } from "../../outcome.ts";

/**
 * Backups have a place. A SQL Server writes them itself: whether it may write there is known only when it does, which is before anything
 * is changed. Dumps and archives of nodes are written from here. Nothing is created for the question's sake.
 */
export const backupPlace: Check = {
  name: "backup-place",
  code: "CUT-3212",
  overridable: true,
  async run(context) {
    const { operationalDatabases: settings, platformSteps, nodes, backupFolder } = context.spec;
    if (settings === null || !platformSteps.includes("backup")) return skipped("this run makes no platform backup");
    const free = await notGuarded(context);
    if (free !== null) return free;
    const problems: string[] = [];
    const { server, kind } = await context.platformDatabases();
    const refused = folderProblem(kind, settings.backupFolder);
    if (refused !== null) problems.push(`${serverKindName(kind)} at ${server}: ${refused}`);
    const local = settings.provider === "postgresql" || nodes.length > 0;
    const existing = await existingFolder(context.root, backupFolder);
    const problem = local ? await access(existing, constants.W_OK | constants.X_OK).catch(messageOf) : null;
    if (typeof problem === "string") problems.push(`${existing}: ${problem}`);
    if (problems.length > 0) {
      const next = "correct cutover:operationalDatabases.backupFolder or cutover:backupFolder";
      return failed("backups cannot be written where they shall go", problems, next);
    }
    const place = settings.provider === "sqlserver" ? `${settings.backupFolder}, as the server sees it` : backupFolder;
    return passed(`backups go to ${place}${nodes.length > 0 ? `; archives of nodes to ${backupFolder}` : ""}`);
  },
};
