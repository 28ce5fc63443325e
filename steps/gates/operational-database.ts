import type { OperationalDatabases } from "../../model/operational-databases.ts";
import { cloneName } from "../../model/operational/clone-names.ts";
import type { StepContext } from "../context.ts";
import { postgresGateDatabase, type GateDatabase } from "./database.ts";

/**
 * A connection to one of the platform's operational databases, by the name that it has in its source: in mode `clone` the clone is asked.
 * Absent: the core database, which the connection string names.
 */
export async function openOperationalForGates(
  context: StepContext,
  settings: OperationalDatabases,
  database: string | undefined,
): Promise<GateDatabase> {
  const template = settings.mode === "clone" ? (settings.clone?.name ?? "${database}") : "${database}";
  const name = database === undefined ? undefined : cloneName(template, database);
  switch (settings.provider) {
    case "sqlserver": {
      const { sqlServerGateDatabase } = await import("./sql-server-database.ts");
      return sqlServerGateDatabase(await context.sqlServer(settings.server, name));
    }
    case "postgresql": {
      const { openPostgres } = await import("../operational/open-postgres.ts");
      const access = await openPostgres(context, settings.server);
      return postgresGateDatabase(await access.connect(name ?? access.credentials.database));
    }
  }
}
