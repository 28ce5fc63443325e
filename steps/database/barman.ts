import * as z from "zod";
import type { BackupRecord } from "../../model/backup-evidence.ts";
import { CutoverError } from "../../model/error.ts";

// As Barman's JsonOutputWriter writes it (`barman -f json list-backups <server>`): an unfinished backup has a status only.
const shape = z.record(
  z.string(),
  z.array(
    z.looseObject({
      backup_id: z.string(),
      status: z.string(),
      backup_type: z.string().nullish(),
      end_time_timestamp: z.string().optional(),
      size_bytes: z.number().nullish(),
      system_id: z.union([z.string(), z.number()]).nullish(),
    }),
  ),
);

/** Backups of one server. Throws CUT-5162 when Barman does not know it or is too old to print machine-readable times. */
export function readBarman(text: string, server: string): BackupRecord[] {
  const servers = shape.parse(JSON.parse(text));
  const backups = servers[server];
  if (backups === undefined) {
    throw notUsable(`Barman lists no server ${server}`, [`listed: ${Object.keys(servers).join(", ") || "none"}`]);
  }
  return backups.map((backup) => {
    // WAITING_FOR_WALS has been copied, but cannot be restored yet.
    const complete = backup.status === "DONE";
    if (complete && backup.end_time_timestamp === undefined) {
      throw notUsable("Barman prints no end_time_timestamp", [
        `backup ${backup.backup_id}`,
        "Barman 2.13 or later is needed",
      ]);
    }
    return {
      id: backup.backup_id,
      type: backup.backup_type ?? "full",
      finishedAt: new Date(Number(backup.end_time_timestamp ?? 0) * 1000).toISOString(),
      complete,
      problem: complete ? null : `status ${backup.status}`,
      system: backup.system_id === null || backup.system_id === undefined ? null : String(backup.system_id),
      bytes: backup.size_bytes ?? null,
    };
  });
}

function notUsable(happened: string, evidence: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5162",
    verdict: "failed",
    happened,
    evidence,
    untouched: "The service was not changed.",
    next: "barman list-backups <server>, then correct the release set's backup or take a backup.",
    exitCode: 16,
  });
}
