import type { Check, CheckResult, PlatformDatabases, PreflightContext } from "../../contract.ts";
import { readDatabaseFacts } from "../../database-facts.ts";
import { notGuarded } from "../../guarded.ts";
import { count, failed, passed, skipped } from "../../outcome.ts";

/** The logins may do all that backup, reading back, restore and cloning need: asked before anything is stopped. */
export const platformDatabaseRights: Check = {
  name: "platform-database-rights",
  code: "CUT-3211",
  overridable: true,
  async run(context) {
    const { operationalDatabases: settings, platformSteps } = context.spec;
    if (settings === null || !platformSteps.includes("backup"))
      return skipped("this run backs up no operational database");
    const free = await notGuarded(context);
    if (free !== null) return free;
    const found = await context.platformDatabases();
    return settings.provider === "sqlserver" ? sqlServerRights(context, found) : postgresRights(context, found);
  },
};

async function sqlServerRights(context: PreflightContext, found: PlatformDatabases): Promise<CheckResult> {
  const [{ viewServer }, { checkRights }] = await Promise.all([
    import("../../../operational/sqlserver/view.ts"),
    import("../../../operational/sqlserver/rights.ts"),
  ]);
  const { settings, which } = found;
  const view = await viewServer(context.step, settings, which);
  // It throws with every right that is missing.
  await checkRights(
    view,
    found.databases.map(({ name }) => name),
  );
  const where = which === "source" ? await viewServer(context.step, settings, "server") : view;
  if (!where.mayCreate) {
    return failed(
      `the login on ${where.master.server} may not create databases`,
      ["CREATE DATABASE (role dbcreator): clones and restores need it"],
      "ALTER SERVER ROLE dbcreator ADD MEMBER [<login>]",
    );
  }
  return passed(`the logins may back up ${count(found.databases.length, "database")}, read back and restore`);
}

async function postgresRights(context: PreflightContext, found: PlatformDatabases): Promise<CheckResult> {
  const { openPostgres } = await import("../../../operational/open-postgres.ts");
  const { settings, which } = found;
  const from = which === "source" ? (settings.source ?? settings.server) : settings.server;
  const access = await openPostgres(context.step, from);
  const missing: string[] = [];
  for (const { name } of found.databases) {
    const connection = await access.connect(name);
    try {
      const facts = await readDatabaseFacts(connection);
      if (facts.unreadableCount > 0)
        missing.push(
          `${name}: ${facts.user} cannot read ${count(facts.unreadableCount, "relation")}: ${facts.unreadable.join(", ")}`,
        );
    } finally {
      await connection.close();
    }
  }
  const target = await (await openPostgres(context.step, settings.server)).connect("postgres");
  try {
    const [role] = await target.query<{ may: boolean }>(
      "SELECT rolcreatedb OR rolsuper AS may FROM pg_roles WHERE rolname = current_user",
    );
    if (role?.may !== true) missing.push("CREATEDB: clones and restores need it");
  } finally {
    await target.close();
  }
  if (missing.length === 0)
    return passed(`the roles may read ${count(found.databases.length, "database")} and create databases`);
  return failed(
    "a database role lacks rights",
    missing,
    "grant them: GRANT SELECT ON ALL TABLES IN SCHEMA ..., ALTER ROLE ... CREATEDB",
  );
}
