import * as z from "zod";
import { gateSpec } from "./gate.ts";
import { nodeProcedure } from "./nodes.ts";

/** Kinds of steps that a service can declare, in the order in which they run. */
export const serviceStepKinds = ["check", "inventory", "backup", "release", "migrate", "configure", "verify"] as const;
export type ServiceStepKind = (typeof serviceStepKinds)[number];

/** Steps of the whole platform, before any release and in this order: stop what runs outside, save everything, copy. */
export const platformStepKinds = ["quiesce", "backup", "clone"] as const;
export type PlatformStepKind = (typeof platformStepKinds)[number];

/** `any`: old code runs on new schema, even half migrated (seed 001). `restore`: going back needs the backup. */
export const schemaClass = z.union([
  z.literal("any"),
  z.literal("restore"),
  z.strictObject({ backward: z.number().int().positive() }),
]);

export const backupSpec = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("pgDump"),
    /** Parallel dump jobs (`pg_dump -j`). */
    jobs: z.number().int().positive().default(2),
    /** A receipt of this run older than this is not reused; hours. */
    maxAgeHours: z.number().positive().default(24),
  }),
  z.strictObject({
    kind: z.literal("evidence"),
    /** The tool whose JSON is read. */
    tool: z.enum(["pgbackrest", "barman"]),
    /** argv that prints the JSON: `pgbackrest info --output=json`, `barman -f json list-backups <server>`. */
    command: z.array(z.string()).min(1),
    /** pgBackRest stanza or Barman server that must be the service's database. */
    name: z.string(),
    maxAgeHours: z.number().positive().default(24),
  }),
  z.strictObject({
    kind: z.literal("command"),
    /** argv of the user's own backup; prints one JSON receipt `{id, finishedAt, sizeBytes, sha256?}` on stdout. */
    command: z.array(z.string()).min(1),
    maxAgeHours: z.number().positive().default(24),
  }),
]);
export type BackupSpec = z.infer<typeof backupSpec>;

/** Which custom database objects are re-created when the migration loses them (facts/domain.md D). */
export const customObjectRule = z.strictObject({
  kind: z.enum(["index", "view", "grant", "trigger", "function"]),
  /** Regular expression over the whole `schema.name` (grants: over the relation's `schema.name`). */
  name: z.string(),
});
export type CustomObjectRule = z.infer<typeof customObjectRule>;

export const noteSchema = z.strictObject({
  /** What a person acknowledges by, such as `gim-2026-11-schema`. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  source: z.string(),
  text: z.string(),
});
export const versionRange = z.strictObject({ minimum: z.string().optional(), maximum: z.string().optional() });

/** An HTTP API of the release: by its Service and port-forward, or by a public address. */
export const apiEndpoint = z.strictObject({
  /** Kubernetes Service in the service's namespace, reached by port-forward to one of its Ready pods. */
  service: z.string(),
  port: z.number().int().positive().default(80),
  /** Base address instead of the port-forward. */
  url: z.string().optional(),
});

/** How a migration that the service runs by itself is followed and resumed. */
export const followedMigration = z.strictObject({
  /** Scalar SQL that returns the schema version the database has now. */
  schemaVersionQuery: z.string(),
  /** Seconds without an end after which the step fails. */
  timeoutSeconds: z.number().positive().default(3600),
  /** Pod restarts tried when the service runs but the schema stayed old (seed 001: restart the GIM pod). */
  maxRestarts: z.number().int().nonnegative().default(2),
  /** Seconds that the service must be Ready on the old schema, without DDL at work, before it is restarted; default 3. */
  settleSeconds: z.number().nonnegative().optional(),
});
export type FollowedMigration = z.infer<typeof followedMigration>;

/**
 * A migration that one call of an upgrade API begins (facts/domain.md A2). The call changes state: it is made once, never again
 * blindly. Done when `status` shows this run's own end with the right versions.
 */
export const calledMigration = z.strictObject({
  kind: z.literal("upgradeApi"),
  endpoint: apiEndpoint,
  readyPath: z.string().default("/health/ready"),
  upgradePath: z.string().default("/api/deployment/upgrade"),
  statusPath: z.string().default("/api/deployment/status"),
  waitTimeoutSeconds: z.number().positive().default(360).describe("What the API is told; it may answer later."),
  readyTimeoutSeconds: z.number().positive().default(900),
  timeoutSeconds: z.number().positive().default(3600).describe("From the call to its end."),
});
export type CalledMigration = z.infer<typeof calledMigration>;
export const migrateSpec = z.union([followedMigration, calledMigration]);

/** What has to be set after the migration (step `configure`): a licence, and settings that a person confirms. */
export const configureSpec = z.strictObject({
  endpoint: apiEndpoint,
  licence: z
    .strictObject({
      activatePath: z.string().default("/api/licensing/activatelicense"),
      statusPath: z.string().default("/api/licensing/status"),
      systemName: z.string(),
      /** Key of the Secret `secret` in the service's namespace that holds the activation key. */
      secret: z.string(),
      key: z.string(),
    })
    .optional(),
  /** Checked per tenant by a person (`cutover attest`), or written where the stack's `tenantSettings` has statements. */
  settings: z
    .array(
      z.strictObject({
        name: z.string().describe("As the product shows it, such as Environment > FileOutputDirectory."),
        /** What it must be; `${values:a.b.c}` is a Helm value of the service, such as a mount path. Absent: a person decides. */
        value: z.string().optional(),
        allowed: z.array(z.strictObject({ value: z.string(), meaning: z.string() })).default([]),
        text: z.string().default(""),
      }),
    )
    .default([]),
});
export type ConfigureSpec = z.infer<typeof configureSpec>;

const chartFacts = {
  /** As in Chart.yaml: `100.0.116+4200`. */
  version: z.string(),
  /** Hex sha256 of the chart archive's bytes; of a Git folder: of the archive that cutover makes of it. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
};
/** Where a chart comes from. Only `path` needs no fetching: the others are fetched once and used from .cutover/charts/<sha256>/. */
export const chartSource = z.union([
  /** An archive, or a chart's folder, relative to the release set's folder. */
  z.strictObject({ path: z.string(), ...chartFacts }),
  /** A folder in a Git repository at one commit. */
  z.strictObject({
    git: z.strictObject({
      url: z.string(),
      commit: z.string().regex(/^[0-9a-f]{40}$/),
      folder: z.string().default("."),
    }),
    ...chartFacts,
  }),
  /** `oci://registry/repository/chart`. */
  z.strictObject({ oci: z.string().regex(/^oci:\/\//), ...chartFacts }),
]);
export type ChartSource = z.infer<typeof chartSource>;

export const roleRelease = z.strictObject({
  chart: chartSource,
  image: z
    .strictObject({
      /** `100.0.116.4200`. */
      tag: z.string(),
      /** Where the chart expects the tag; `image.tag` in every published Genesys override file (facts/domain.md B1). */
      valuesKey: z.string().default("image.tag"),
    })
    .optional(),
  /** File with Helm values, relative to the release set's folder. */
  values: z.string().optional(),
  schemaClass: schemaClass.default("any"),
  /** Schema before and after; absent when the service has no database. */
  schemaVersion: z.strictObject({ from: z.string(), to: z.string() }).optional(),
  /** Helm's time-out for hooks and single operations, seconds (seed 001: 15 minutes for GIM and GSP). */
  helmTimeoutSeconds: z.number().positive().default(300),
  /** `gates`: the gates wait by watching; `helm`: Helm waits too. */
  await: z.enum(["gates", "helm"]).default("gates"),
  steps: z.array(z.enum(serviceStepKinds)).default(["check", "release", "verify"]),
  backup: backupSpec.optional(),
  migrate: migrateSpec.optional(),
  configure: configureSpec.optional(),
  customObjects: z.array(customObjectRule).default([]),
  gates: z.array(gateSpec).default([]),
});
export type RoleRelease = z.infer<typeof roleRelease>;

/** `release.yaml` of a release set (design.md 1). */
export const releaseSetSchema = z.strictObject({
  name: z.string().regex(/[a-z]/, "a release set's name contains a letter (YAML reads 2026.10 as a number)"),
  notes: z.array(noteSchema).default([]),
  /** Versions wanted of third parties: `kubernetes`, `postgresql`, `kafka`. */
  thirdParties: z.record(z.string(), versionRange).default({}),
  /** Roles that it does not have: the platform before it came to Kubernetes. */
  absentRoles: z.array(z.string()).default([]),
  platformSteps: z.array(z.enum(platformStepKinds)).default([]),
  /** How the platform's nodes outside Kubernetes are treated; of the set that runs on them (Redpoint v6). */
  nodes: nodeProcedure.optional(),
  roles: z.record(z.string(), roleRelease),
});
export type ReleaseSet = z.infer<typeof releaseSetSchema>;

/** `releases/index.yaml`: release sets from oldest to newest; N-2 and direction are judged by this order. */
export const releaseIndexSchema = z.strictObject({ releases: z.array(z.string()).min(1) });
