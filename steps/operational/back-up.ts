import type { OperationalDatabases } from "../../model/operational-databases.ts";
import type { BackedUp, BackUpRequest } from "./contracts.ts";
import { operationalServer, type OperationalContext, type WhichServer } from "./server.ts";

/**
 * Backs up all databases of the platform and reads every backup back. A backup of the same run that is already good is kept after
 * it was read again; nothing that exists is ever overwritten.
 */
export async function backUpDatabases(
  context: OperationalContext,
  settings: OperationalDatabases,
  input: BackUpRequest & { which: WhichServer },
): Promise<BackedUp> {
  const server = await operationalServer(context, settings, input.which);
  const discovered = await server.discover(input.acknowledged);
  context.progress(
    `${discovered.databases.length} databases on ${discovered.server}: ${discovered.databases.map(({ name }) => name).join(", ")}`,
  );
  const done = await server.backUp(discovered, input);
  for (const note of done.notes) context.progress(note);
  return done;
}
