import { resolve } from "node:path";
import { findBackup, knownBackups, wholePlatform, type KnownBackup } from "../../model/backups.ts";
import { CutoverError } from "../../model/error.ts";
import type { Page } from "../../model/ledger.ts";
import type { PlatformBackup } from "../../model/platform-backup.ts";
import { loadManifest } from "../../steps/platform/stored-backup.ts";

/**
 * The platform backup that a person names, with its manifest. Throws CUT-6300 (unknown or not unique) and CUT-6350 (exit code 16) when
 * its manifest is not as it was when it was taken.
 */
export async function namedPlatformBackup(
  root: string,
  pages: readonly Page[],
  named: string,
): Promise<{ known: KnownBackup; backup: PlatformBackup }> {
  const known = findBackup(knownBackups(pages), named, wholePlatform);
  const { folder, sha256, id } = known;
  const backup = folder === null || sha256 === null ? null : await loadManifest(resolve(root, folder), sha256);
  if (backup !== null) return { known, backup };
  throw new CutoverError({
    code: "CUT-6350",
    verdict: "failed",
    happened: `the manifest of the backup ${id} is gone or has another content`,
    evidence: [`folder: ${folder ?? "none"}`],
    untouched: "Nothing was stopped or changed.",
    next: "Put manifest.json back from a copy, or choose another backup: cutover backup STACK --list",
    exitCode: 16,
  });
}
