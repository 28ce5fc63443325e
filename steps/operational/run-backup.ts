import { join } from "node:path";
import { CutoverError } from "../../model/error.ts";
import type { PlatformBackup } from "../../model/platform-backup.ts";
import type { StepContext } from "../context.ts";
import { backupOfOperation } from "../platform/stored-backup.ts";

/**
 * The platform backup that this run took (or an earlier run of the same operation), read from its manifest.
 * @throws CutoverError CUT-5503 when the run has none, CUT-5504 when the manifest is not the one that the ledger knows.
 */
export async function runBackup(context: Pick<StepContext, "root" | "ledger">): Promise<PlatformBackup> {
  const found = await backupOfOperation(context);
  if (found === null) {
    throw new CutoverError({
      code: "CUT-5503",
      verdict: "errored",
      happened: "this run has no platform backup to make clones of",
      evidence: ["the ledger has no passed receipt of the step backup without a service in this run"],
      untouched: "No database was made, changed or removed.",
      next: "Put backup before clone in platformSteps of the release set, then run pulumi up again.",
      exitCode: 16,
    });
  }
  if (found.backup !== null) return found.backup;
  const { folder, backupId } = found.receipt.facts;
  const name = typeof backupId === "string" ? backupId : "of this run";
  const place = typeof folder === "string" ? folder : "";
  throw new CutoverError({
    code: "CUT-5504",
    verdict: "failed",
    happened: `the manifest of the platform backup ${name} cannot be relied on`,
    evidence: [`${join(place, "manifest.json")} is gone, unreadable or not the one that the ledger knows`],
    untouched: "No database was made, changed or removed.",
    next: "Put the file back as it was written; or take a new backup in a new run.",
    exitCode: 16,
  });
}
