import * as z from "zod";
import { nodeSettings } from "./nodes.ts";
import { operationalDatabases } from "./operational-databases.ts";

const releaseName = z.string().regex(/[a-z]/, "a release set's name contains a letter, such as r2026-11");
const duration = z.string().regex(/^\d+(\.\d+)?(s|m|h|d)$/, "a duration such as 30m, 4h or 3d");
const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 22:00");
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "a date such as 2026-12-24");
const weekday = z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
const url = z.string().regex(/^https?:\/\//, "an http or https address");

/** The keys under `cutover:` in `stacks/Pulumi.<stack>.yaml`. */
export const stackSettingsSchema = z.strictObject({
  platform: z.string().describe("The platform that this stack runs, a folder below stacks/."),
  environment: z.enum(["dev", "staging", "prod"]).describe("Chooses the environment layer of the values."),
  release: releaseName.describe("The release set this stack shall run. Changing this line is the upgrade."),
  lower: z.string().optional().describe("The stack this one is promoted from."),
  pins: z.record(z.string(), z.string()).default({}).describe("Services held at another release set, or `absent`."),
  tenants: z
    .array(z.strictObject({ id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/), uuid: z.string().optional() }))
    .default([])
    .describe("One GIM and one GCA exist per tenant."),
  namespaces: z
    .strictObject({
      single: z.string().optional().describe("One namespace for all services."),
      prefix: z.string().default("").describe("Put before the service-specific namespaces."),
    })
    .default({ prefix: "" })
    .describe("Without `single` every role has a namespace of its own (seed 001)."),
  cluster: z
    .strictObject({
      context: z.string().optional().describe("Context of the kubeconfig; absent: the current one."),
      uid: z
        .string()
        .optional()
        .describe("UID of the namespace kube-system of the one right cluster. Required in prod."),
      ledgerNamespace: z.string().default("cutover"),
    })
    .default({ ledgerNamespace: "cutover" }),
  prometheus: url.optional().describe("Base address of the Prometheus HTTP API."),
  kafka: z.string().optional().describe("Kafka bootstrap servers, host:port[,host:port]."),
  database: z
    .strictObject({
      secret: z.string().default("gim-gim-secrets").describe("Secret in GIM's namespace."),
      key: z
        .string()
        .default("gim-${tenant}")
        .describe("Key with JSON {db_hostname, db_port, db_name, db_username, db_password}."),
    })
    .default({ secret: "gim-gim-secrets", key: "gim-${tenant}" }),
  operationalDatabases: operationalDatabases
    .optional()
    .describe("The databases that belong to the whole platform (Redpoint: Pulse and the tenants' databases)."),
  nodes: z
    .array(nodeSettings)
    .default([])
    .describe("Nodes outside Kubernetes that run the version before (Redpoint v6)."),
  tenantSettings: z
    .strictObject({
      read: z.string().optional().describe("SQL with @tenant, @setting: returns the value a tenant's setting has now."),
      write: z.string().optional().describe("SQL with @tenant, @setting, @value: sets it. Absent: people attest."),
      values: z
        .record(z.string(), z.record(z.string(), z.string()))
        .default({})
        .describe("Per tenant (or `*`) the wanted values of settings that the release set leaves to a person."),
    })
    .optional()
    .describe("How settings that are kept in the operational databases are read and written."),
  databasePassword: z.string().optional().describe("Pulumi secret that replaces the password of the Secret."),
  upgradeAssistant: z
    .string()
    .optional()
    .describe("Pulumi secret with the Upgrade Assistant's JSON (Redpoint): Helm values are made of it."),
  backupFolder: z.string().default(".cutover/backups").describe("Where dumps are kept; relative to the project."),
  gateSettings: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .default({})
    .describe("Changes single fields of gates by gate name, such as windows in dev."),
  acknowledged: z.array(z.string()).default([]).describe("Ids of release notes that were read and acted on."),
  overrides: z
    .array(z.strictObject({ check: z.string(), reason: z.string().min(10) }))
    .default([])
    .describe("Preflight checks to let pass, each with a reason that goes to the ledger."),
  failurePolicy: z
    .enum(["rollback", "pause", "stop"])
    .default("pause")
    .describe(
      "What `cutover upgrade` does when a gate says no: rollback, pause (resumable, asks a person) or stop (closes the run).",
    ),
  rollbackScope: z
    .enum(["service", "run"])
    .default("service")
    .describe("What a rollback takes back: the failed service and what was not reached, or all that the run changed."),
  retry: z
    .strictObject({ attempts: z.number().int().min(1).max(10), backoff: duration })
    .default({ attempts: 3, backoff: "5s" })
    .describe(
      "How often `cutover upgrade` tries again when a step could not tell (errored), and the first pause; it doubles.",
    ),
  soak: duration.optional().describe("How long a release set must stand verified here before it is promoted."),
  window: z
    .strictObject({
      zone: z.string().describe("IANA time zone, such as Europe/Berlin."),
      allow: z
        .array(z.strictObject({ days: z.array(weekday).min(1), start: localTime, length: duration.default("4h") }))
        .min(1),
      deny: z.array(z.strictObject({ from: date, to: date, reason: z.string() })).default([]),
    })
    .optional()
    .describe("Maintenance windows; deny beats allow. Absent: always open. A rollback is never blocked by it."),
  approvals: z
    .array(
      z.strictObject({
        role: z.string(),
        count: z.number().int().positive().default(1),
        users: z.array(z.string()).default([]),
        groups: z.array(z.string()).default([]),
      }),
    )
    .default([])
    .describe("Who must have approved a release set for this stack, by Kubernetes user or group."),
  announce: duration.optional().describe("How long before a run its window must have been announced, such as 3d."),
  rehearsal: duration.optional().describe("How old the lower stack's rehearsal of this release set may be at most."),
  notify: z
    .array(
      z.strictObject({
        url: url.optional(),
        command: z.array(z.string()).min(1).optional(),
        events: z.array(z.enum(["started", "succeeded", "failed", "rolledBack", "paused", "announced"])).optional(),
      }),
    )
    .default([])
    .describe("Webhooks or commands that get each event as CloudEvents JSON (body or stdin)."),
  performance: z
    .array(
      z.strictObject({
        name: z.string(),
        service: z.string(),
        query: z.string().describe("PromQL with one number as its answer; ${namespace} and ${release} are filled in."),
        maximum: z.number().optional(),
        minimum: z.number().optional(),
        tolerancePercent: z
          .number()
          .nonnegative()
          .optional()
          .describe("How much worse than before the upgrade it may be."),
        worse: z.enum(["higher", "lower"]).default("higher"),
      }),
    )
    .default([])
    .describe("Figures that `cutover verify --baseline` compares with those before the upgrade."),
  protect: z.boolean().optional().describe("Pulumi protect; default: true outside dev."),
});
export type StackSettings = z.infer<typeof stackSettingsSchema>;
