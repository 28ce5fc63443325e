import * as z from "zod";
import {
  apiEndpoint,
  backupSpec,
  calledMigration,
  configureSpec,
  customObjectRule,
  followedMigration,
  noteSchema,
  schemaClass,
  versionRange,
} from "./release-set.ts";
import { gateSpec } from "./gate.ts";
import { nodeProcedure, nodeSettings } from "./nodes.ts";
import { operationalDatabases } from "./operational-databases.ts";
import { stackSettingsSchema } from "./stack-settings.ts";

/** What every service step knows of its service. */
export const serviceIdentity = z.strictObject({
  name: z.string(),
  role: z.string(),
  tenant: z.string().nullable(),
  namespace: z.string(),
  helmRelease: z.string(),
  releaseSet: z.string(),
  digest: z.string(),
  image: z.strictObject({ tag: z.string(), valuesKey: z.string() }).nullable(),
  schemaClass,
});
export type ServiceIdentity = z.infer<typeof serviceIdentity>;

export const databaseReference = z.strictObject({ namespace: z.string(), secret: z.string(), key: z.string() });
const schemaVersion = z.strictObject({ from: z.string(), to: z.string() });

/** Everything preflight needs of one service, new or to go back to. */
export const preflightService = serviceIdentity.extend({
  needs: z.array(z.string()),
  chart: z.strictObject({ path: z.string(), version: z.string(), sha256: z.string() }),
  values: z.record(z.string(), z.unknown()),
  steps: z.array(z.string()),
  backup: backupSpec.nullable(),
  database: databaseReference.nullable(),
  schemaVersion: schemaVersion.nullable(),
  gates: z.array(gateSpec),
  configure: configureSpec.nullable(),
  /** The API by which its database is migrated; null: it migrates by itself, or not at all. */
  upgradeApi: apiEndpoint.nullable(),
  helmTimeoutSeconds: z.number(),
  /** Of its migration where one is needed; else 0. */
  migrateTimeoutSeconds: z.number(),
});
export type PreflightService = z.infer<typeof preflightService>;

const settings = stackSettingsSchema.shape;
/** What production demands before a run (design.md 4, 6); empty or null: this stack does not ask for it. */
const guards = z.strictObject({
  lower: z.string().nullable(),
  /** Release sets that services are taken from: hash of the folder, and per role the digest of its steps and gates. */
  releaseSets: z.record(z.string(), z.strictObject({ hash: z.string(), judgedBy: z.record(z.string(), z.string()) })),
  window: settings.window.unwrap().nullable(),
  approvals: settings.approvals.unwrap(),
  /** Durations such as `3d`. */
  announce: z.string().nullable(),
  rehearsal: z.string().nullable(),
});
export type Guards = z.infer<typeof guards>;

export const preflightSpec = z.strictObject({
  services: z.array(preflightService),
  /** The last verified form of each service, resolved by the program; `problem` says why there is none. */
  waysBack: z.array(
    z.strictObject({ service: z.string(), target: preflightService.nullable(), problem: z.string().nullable() }),
  ),
  /** All release sets, oldest first. */
  releaseOrder: z.array(z.string()),
  notes: z.array(noteSchema),
  thirdParties: z.record(z.string(), versionRange),
  acknowledged: z.array(z.string()),
  overrides: z.array(z.strictObject({ check: z.string(), reason: z.string() })),
  prometheus: z.string().nullable(),
  kafka: z.string().nullable(),
  backupFolder: z.string(),
  installOrder: z.array(z.string()),
  guards,
  /** Which checks run besides the general ones; steps/preflight/checks/groups.ts knows them. */
  checkGroups: z.array(z.string()),
  /** How further Helm values are made of the secret in CUTOVER_UPGRADE_ASSISTANT; null: none are. */
  secretValues: z.enum(["upgradeAssistant"]).nullable(),
  /** The platform's own steps between preflight and the first service. */
  platformSteps: z.array(z.string()),
  operationalDatabases: operationalDatabases.nullable(),
  nodes: z.array(nodeSettings),
  /** Of the release set that runs on the nodes; null: none does. */
  procedure: nodeProcedure.nullable(),
});
export type PreflightSpec = z.infer<typeof preflightSpec>;

/** All other services still healthy (seed 001: never upgrade a service unless all operate normally). */
export const checkSpec = z.strictObject({
  service: serviceIdentity,
  others: z.array(z.strictObject({ name: z.string(), namespace: z.string(), helmRelease: z.string() })),
});
export const inventorySpec = z.strictObject({
  service: serviceIdentity,
  database: databaseReference,
  /** Where the inventory's file goes, relative to the project folder; absent: `.cutover/backups`. */
  folder: z.string().optional(),
});
export const backupStepSpec = z.strictObject({
  service: serviceIdentity,
  database: databaseReference,
  backup: backupSpec,
  /** Relative to the project folder. */
  folder: z.string(),
});
export const migrateStepSpec = z.strictObject({
  service: serviceIdentity,
  database: databaseReference,
  schemaVersion,
  migrate: followedMigration,
  customObjects: z.array(customObjectRule),
  acknowledged: z.array(z.string()),
});
export const verifySpec = z.strictObject({
  service: serviceIdentity,
  database: databaseReference.nullable(),
  gates: z.array(gateSpec),
  prometheus: z.string().nullable(),
  /** What gates ask with `connection: operational`. */
  operationalDatabases: operationalDatabases.nullable().default(null),
});
/** A migration begun by one call of an upgrade API; `schemaVersion.to` is the version it must end with. */
export const calledMigrationSpec = z.strictObject({
  service: serviceIdentity,
  schemaVersion,
  migrate: calledMigration,
  /** In mode `clone` the call must not reach v6's own databases. */
  operationalDatabases: operationalDatabases.nullable(),
  acknowledged: z.array(z.string()),
});
/** Licence and settings after the migration. */
export const configureStepSpec = z.strictObject({
  service: serviceIdentity,
  configure: configureSpec,
  /** Helm values of the service, from which settings are derived. */
  values: z.record(z.string(), z.unknown()),
  /** Suffixes of the tenants whose settings are checked; empty: those that the operational databases show. */
  tenants: z.array(z.string()),
  tenantSettings: settings.tenantSettings.unwrap().nullable(),
  operationalDatabases: operationalDatabases.nullable(),
});

/** What the platform's steps know of what runs outside Kubernetes. `procedure` null: the set before has no nodes. */
const outside = {
  nodes: z.array(nodeSettings),
  procedure: nodeProcedure.nullable(),
  operationalDatabases: operationalDatabases.nullable(),
};
/** Stops the nodes before anything is saved (seed 000: production). In mode `clone` they run on. */
export const quiesceSpec = z.strictObject(outside);
/** The backup of everything: all operational databases and all nodes. */
export const platformBackupSpec = z.strictObject({
  ...outside,
  /** Where archives, dumps and the manifest go; relative to the project folder. */
  folder: z.string(),
  acknowledged: z.array(z.string()),
});
/** Copies of the databases for an environment that must not touch v6's. Made from the run's own backup. */
export const cloneSpec = z.strictObject({ operationalDatabases, folder: z.string() });
export const finishSpec = z.strictObject({
  services: z.array(z.strictObject({ name: z.string(), releaseSet: z.string(), digest: z.string() })),
});
