import type { OperationalDatabases } from "../../../model/operational-databases.ts";
import type { OperationalServer } from "../contracts.ts";
import type { OperationalContext, WhichServer } from "../server.ts";
import { discoverOnSqlServer } from "./discover.ts";
import { viewServer } from "./view.ts";

/** The platform's databases on a SQL Server of any kind. */
export async function openSqlServerDatabases(
  context: OperationalContext,
  settings: OperationalDatabases,
  which: WhichServer,
): Promise<OperationalServer> {
  const view = await viewServer(context, settings, which);
  return {
    server: view.master.server,
    discover: (acknowledged) => discoverOnSqlServer(view, which, acknowledged),
    async backUp(discovered, request) {
      const { backUpOnSqlServer } = await import("./back-up.ts");
      return backUpOnSqlServer(view, discovered, request);
    },
  };
}
