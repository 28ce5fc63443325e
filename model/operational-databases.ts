import * as z from "zod";

/** A Secret's key that holds a connection string: ADO.NET for SQL Server, Npgsql for PostgreSQL (facts/domain.md A5). */
export const connectionReference = z.strictObject({
  namespace: z.string(),
  secret: z.string(),
  key: z.string(),
});
export type ConnectionReference = z.infer<typeof connectionReference>;

/** One database server. Host, port and login come from the connection string; its database is the core database (Pulse). */
export const databaseServer = z.strictObject({
  connection: connectionReference,
  /** PEM file of the certificate authority, relative to the project; absent: the system's. */
  certificateAuthority: z.string().optional(),
  /** True accepts any certificate; refused in prod, whatever the connection string says. */
  trustServerCertificate: z.boolean().default(false),
});
export type DatabaseServer = z.infer<typeof databaseServer>;

/**
 * How the strings by which the core database finds the tenants' databases are read and changed. The vendor publishes no table
 * for them (facts/domain.md A8), so that the statements are the user's. They run in the clone's core database.
 */
export const tenantConnections = z.strictObject({
  /**
   * One row per connection; its columns are `tenant`, `server`, `database` in this order, each with a name of its own. Server and
   * database may be a whole connection string.
   */
  query: z.string(),
  /**
   * Run once per row that leads to the source, with the parameters @tenant, @server, @database (what it should be) and @oldDatabase;
   * where the row has a whole connection string, @oldConnection is that string and @connection the same one with the clone's
   * server and database (its login stays).
   */
  rewrite: z.string().optional(),
});

/** The databases of a platform that belong to all of its services together (Redpoint: Pulse and the tenants' databases). */
export const operationalDatabases = z.strictObject({
  provider: z.enum(["sqlserver", "postgresql"]),
  /** `inPlace`: v6 is stopped and its databases are migrated. `clone`: copies are migrated, v6 runs on. */
  mode: z.enum(["inPlace", "clone"]),
  /** Where this stack's databases are. */
  server: databaseServer,
  /** Where clones are copied from; required in mode `clone`, not allowed otherwise. */
  source: databaseServer.optional(),
  core: z.string().default("Pulse").describe("The cluster's database; renamed ones exist."),
  logging: z.string().default("Pulse_Logging"),
  realtime: z
    .array(z.string())
    .default([])
    .describe("Realtime databases in use, such as RPIRealtime, RPIRealtimeCore."),
  tenants: z
    .array(z.string())
    .default([])
    .describe("Suffixes that must be found: Interaction_<suffix> with its InteractionAudit_<suffix>."),
  additional: z.array(z.string()).default([]).describe("Further databases to back up and restore with the others."),
  tables: z
    .array(z.strictObject({ database: z.string(), table: z.string() }))
    .default([])
    .describe(
      "Warehouse tables (schema.table) copied to <table>_bak_<yymmdd> before the upgrade, such as Offer History.",
    ),
  backupFolder: z
    .string()
    .describe("SQL Server: a folder as the server sees it, or a URL; PostgreSQL: relative to the project."),
  /** Refused by Express editions (error 1844). */
  compression: z.boolean().default(true),
  maxAgeHours: z.number().positive().default(24),
  clone: z
    .strictObject({
      /** Name of a clone; `${database}` is the source's name. On the same server it must differ. */
      name: z.string().default("${database}"),
      dataFolder: z.string().optional().describe("Folder for data files on the target; absent: the server's default."),
      logFolder: z.string().optional(),
    })
    .optional(),
  tenantConnections: tenantConnections.optional(),
  /** The v6 environment as it was recorded: in place everything must point at it, a clone must not (seed 000). */
  recorded: z
    .strictObject({
      server: z.string().optional().describe("As v6 names it, such as sql01,1433."),
      core: z.string().optional().describe("Name of v6's core database."),
      cacheProvider: z.string().optional().describe("Provider of the realtime cache, such as redis."),
      queueProvider: z.string().optional().describe("Provider of the realtime queues, such as rabbitmq."),
    })
    .optional(),
});
export type OperationalDatabases = z.infer<typeof operationalDatabases>;
