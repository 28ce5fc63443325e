import * as z from "zod";

const releaseName = z.string().regex(/[a-z]/, "a release set's name contains a letter, such as r2026-11");
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
  databasePassword: z.string().optional().describe("Pulumi secret that replaces the password of the Secret."),
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
  protect: z.boolean().optional().describe("Pulumi protect; default: true outside dev."),
});
export type StackSettings = z.infer<typeof stackSettingsSchema>;
