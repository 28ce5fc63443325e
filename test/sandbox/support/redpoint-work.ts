import { runIn } from "../../../sandbox/redpoint/servers.ts";
import { tableName } from "../../../sandbox/sqlserver/redpoint-schema.ts";
import type { RedpointScenario } from "./redpoint-scenario.ts";

const table = tableName("rpi_Interaction", "sqlserver");

/** A person works with v7: the first interaction of acme's gets this state. */
export async function workInAcme({ environment }: RedpointScenario, state: string): Promise<void> {
  const statement = `UPDATE ${table} SET [State] = N'${state}' WHERE [Id] = 1`;
  await runIn(environment.world.target, "Interaction_acme", [statement]);
}

/** State of the first interaction in a database of the server of v7. */
export async function firstInteraction({ environment }: RedpointScenario, database: string): Promise<unknown> {
  const [row] = await runIn(environment.world.target, database, [`SELECT [State] FROM ${table} WHERE [Id] = 1`]);
  return row?.["State"];
}
