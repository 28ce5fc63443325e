import * as z from "zod";
import type { BackupRecord } from "../../model/backup-evidence.ts";
import { CutoverError } from "../../model/error.ts";

// As printed by pgBackRest 2.45 `info --output=json`; test/sandbox/backup-evidence.test.ts runs the real one.
const shape = z.array(
  z.looseObject({
    name: z.string(),
    status: z.looseObject({ code: z.number(), message: z.string() }),
    db: z.array(z.looseObject({ id: z.number(), "repo-key": z.number().optional(), "system-id": z.string() })),
    backup: z.array(
      z.looseObject({
        label: z.string(),
        type: z.string(),
        error: z.boolean().nullish(),
        database: z.looseObject({ id: z.number(), "repo-key": z.number().optional() }),
        info: z.looseObject({ size: z.number() }),
        timestamp: z.looseObject({ stop: z.number() }),
      }),
    ),
  }),
);

/** Backups of one stanza. Throws CUT-5161 when it is missing or pgBackRest itself calls it not ok. */
export function readPgBackRest(text: string, stanza: string): BackupRecord[] {
  // 64-bit identifiers: as JSON numbers they would lose their last digits.
  const exact = text.replace(/("system-id"\s*:\s*)(\d+)/g, '$1"$2"');
  const stanzas = shape.parse(JSON.parse(exact));
  const found = stanzas.find((candidate) => candidate.name === stanza);
  if (found === undefined) {
    throw notOk(`pgBackRest knows no stanza ${stanza}`, [
      `known: ${stanzas.map((item) => item.name).join(", ") || "none"}`,
    ]);
  }
  if (found.status.code !== 0) {
    throw notOk(`stanza ${stanza} is not ok`, [`status ${found.status.code}: ${found.status.message}`]);
  }
  return found.backup.map((backup) => {
    const server = found.db.find(
      (db) => db.id === backup.database.id && db["repo-key"] === backup.database["repo-key"],
    );
    return {
      id: backup.label,
      type: backup.type,
      finishedAt: new Date(backup.timestamp.stop * 1000).toISOString(),
      complete: backup.error !== true,
      problem: backup.error === true ? "page checksum errors" : null,
      system: server?.["system-id"] ?? null,
      bytes: backup.info.size,
    };
  });
}

function notOk(happened: string, evidence: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5161",
    verdict: "failed",
    happened,
    evidence,
    untouched: "The service was not changed.",
    next: "pgbackrest info, then repair the stanza or take a backup.",
    exitCode: 16,
  });
}
