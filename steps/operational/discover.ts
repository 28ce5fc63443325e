import type { OperationalDatabases } from "../../model/operational-databases.ts";
import type { Discovered } from "./contracts.ts";
import { operationalServer, type OperationalContext, type WhichServer } from "./server.ts";

/**
 * All databases of the platform on one of its servers, of every tenant, none left out.
 * @throws CutoverError CUT-5401 when the list cannot be relied on, CUT-5400 when the login cannot see all databases.
 */
export async function discoverDatabases(
  context: OperationalContext,
  settings: OperationalDatabases,
  which: WhichServer,
  acknowledged: readonly string[] = [],
): Promise<Discovered> {
  return (await operationalServer(context, settings, which)).discover(acknowledged);
}
