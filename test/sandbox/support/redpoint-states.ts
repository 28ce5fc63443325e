import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readInstallation, type InstallationContent } from "../../../sandbox/redpoint/databases.ts";
import { runIn } from "../../../sandbox/redpoint/servers.ts";
import { redpointCalls } from "../../../sandbox/simulators/redpoint/record.ts";
import { cutover } from "./driver.ts";
import type { RedpointScenario } from "./redpoint-scenario.ts";
import type { Finished } from "./runs.ts";
import { edit } from "./world.ts";

/** A person says what the channels of both tenants are. */
export async function attestChannels(scenario: RedpointScenario): Promise<void> {
  for (const tenant of ["acme", "globex"]) {
    const what = ["--tenant", tenant, "--setting", "Channels", "--value", "as agreed"];
    const said = await cutover(scenario, "attest", scenario.stack, ...what);
    if (said.exitCode !== 0) throw new Error(said.text);
  }
}

/** `cutover unhold`, to work on after a rollback. */
export async function unhold(scenario: RedpointScenario): Promise<void> {
  const done = await cutover(scenario, "unhold", scenario.stack, "--reason", "the cause is repaired");
  if (done.exitCode !== 0) throw new Error(done.text);
}

/** How often the server of v7 was asked to upgrade, whatever became of it. */
export function upgradeCalls(scenario: RedpointScenario): number {
  const { namespace } = scenario.environment.world;
  return redpointCalls(scenario.sandbox.directory, { namespace, request: "upgrade" }).length;
}

/** What the databases that v7 works with hold. */
export function contentOf(scenario: RedpointScenario): Promise<InstallationContent> {
  const { target, databases } = scenario.environment.world;
  return readInstallation(target, databases);
}

/** All databases of the server of v7. */
export async function databaseNames(scenario: RedpointScenario): Promise<string[]> {
  const rows = await runIn(scenario.environment.world.target, "master", ["SELECT name FROM sys.databases"]);
  return rows.map((row) => String(row["name"])).sort();
}

/** Release set that the stack's file names. */
export function releaseInFile({ workspace, stack }: RedpointScenario): unknown {
  const text = readFileSync(join(workspace.directory, "stacks", `Pulumi.${stack}.yaml`), "utf8");
  return (parse(text) as { config: Record<string, unknown> }).config["cutover:release"];
}

/** Which command the words of a command tell to type next; empty: none. */
export function commandIn({ text }: Finished, beginning: string): string[] {
  const line = text.split("\n").find((one) => one.includes(beginning));
  const command = line === undefined ? "" : line.slice(line.indexOf(beginning));
  return command.split(" ").slice(1);
}

export { edit };
