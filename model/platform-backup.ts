import * as z from "zod";

/** One database of a platform backup, as it was written and read back. */
export const databaseBackup = z.strictObject({
  database: z.string(),
  provider: z.enum(["sqlserver", "postgresql"]),
  /** `host:port` as in the connection string; never a login. */
  server: z.string(),
  /** SQL Server: as the server sees it, or a URL; PostgreSQL: folder relative to the project. */
  path: z.string(),
  /** Name of the backup set, unique per run: by it an interrupted BACKUP is found again. */
  name: z.string(),
  bytes: z.number().nullable(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  finishedAt: z.string(),
  /** What proves which backup it is: BackupSetGUID, or sha256 of a dump's manifest. */
  proof: z.string(),
  /** Rows per table at the time of the backup where it was asked for; for the comparison after a restore. */
  rows: z.record(z.string(), z.number()).optional(),
});
export type DatabaseBackup = z.infer<typeof databaseBackup>;

/** One folder of one node, or a node's VM snapshot. */
export const nodeBackup = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("archive"),
    node: z.string(),
    folder: z.string(),
    /** Relative to the project folder. */
    file: z.string(),
    sha256: z.string(),
    bytes: z.number(),
    files: z.number(),
    /** Locked or unreadable files that are not in it; a person has acknowledged them or the step has failed. */
    unreadable: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal("snapshot"),
    node: z.string(),
    id: z.string(),
    finishedAt: z.string(),
    bytes: z.number().nullable(),
  }),
]);
export type NodeBackup = z.infer<typeof nodeBackup>;

/** A backup of everything that a platform has outside Kubernetes; the manifest file of the step `backup` without a service. */
export const platformBackup = z.strictObject({
  /** `redpoint-dev/platform/3`. */
  id: z.string(),
  /** ISO 8601, UTC: what was written later is not in it. */
  takenAt: z.string(),
  finishedAt: z.string(),
  databases: z.array(databaseBackup),
  /** Warehouse tables copied inside their database. */
  tables: z.array(z.strictObject({ database: z.string(), table: z.string(), copy: z.string(), rows: z.number() })),
  nodes: z.array(nodeBackup),
});
export type PlatformBackup = z.infer<typeof platformBackup>;
