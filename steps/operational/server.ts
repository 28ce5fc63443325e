import type { OperationalDatabases } from "../../model/operational-databases.ts";
import type { StepContext } from "../context.ts";
import type { OperationalServer } from "./contracts.ts";

/**
 * What the steps need of the context. `sqlServer` is injected in tests that need no cluster.
 */
export type OperationalContext = Pick<
  StepContext,
  "root" | "request" | "signal" | "progress" | "kubernetes" | "connectionString" | "sqlServer"
>;

/** `server`: where this stack's databases are. `source`: where its clones come from; the same in mode `inPlace`. */
export type WhichServer = "server" | "source";

/** The stack's database server as the settings' provider needs it. */
export async function operationalServer(
  context: OperationalContext,
  settings: OperationalDatabases,
  which: WhichServer,
): Promise<OperationalServer> {
  switch (settings.provider) {
    case "sqlserver": {
      const { openSqlServerDatabases } = await import("./sqlserver/server.ts");
      return openSqlServerDatabases(context, settings, which);
    }
    case "postgresql": {
      const { openPostgresDatabases } = await import("./postgres-server.ts");
      return openPostgresDatabases(context, settings, which);
    }
  }
}
