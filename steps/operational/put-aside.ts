import type { OperationalDatabases } from "../../model/operational-databases.ts";
import type { StepContext } from "../context.ts";
import { everBegunClones } from "./earlier-clones.ts";
import { openHost } from "./open-host.ts";
import { renameAsideOn, type SetAside } from "./rename-aside.ts";
import type { OperationalContext } from "./server.ts";

/**
 * Puts the clones that runs of this stack made aside under `<name>_replaced_<stamp>`, so that the next upgrade clones anew and
 * nothing is lost. Only databases that the ledger names as begun clones on this server are touched: their names were free when they
 * were begun, so that none of them is the source's. Those that are not there any more are left out.
 */
export async function putClonesAside(
  context: OperationalContext & Pick<StepContext, "ledger">,
  settings: OperationalDatabases,
  stamp: string,
): Promise<SetAside[]> {
  const host = await openHost(context, settings, "server");
  try {
    const begun = everBegunClones(await (await context.ledger()).pages(), host.address);
    const states = await host.states(begun);
    const clones = begun.filter((name) => (states.get(name) ?? "absent") !== "absent");
    return clones.length === 0 ? [] : await renameAsideOn(host, context, { databases: clones, stamp });
  } finally {
    await host.close();
  }
}
