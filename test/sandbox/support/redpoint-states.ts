import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseDocument } from "yaml";
import type { Fault, RedpointFault } from "../../../sandbox/contracts.ts";
import { readInstallation, type InstallationContent } from "../../../sandbox/redpoint/databases.ts";
import { runIn } from "../../../sandbox/redpoint/servers.ts";
import { redpointCalls } from "../../../sandbox/simulators/redpoint/record.ts";
import { cutover } from "./driver.ts";
import type { RedpointScenario } from "./redpoint-scenario.ts";
import type { Finished } from "./runs.ts";
import { editFile, pages } from "./world.ts";

/** A person says what the channels of both tenants are. */
export async function attestChannels(scenario: RedpointScenario): Promise<void> {
  for (const tenant of ["acme", "globex"]) {
    const what = ["--tenant", tenant, "--setting", "Channels", "--value", "as agreed"];
    await mustPass(scenario, "attest", scenario.stack, ...what);
  }
}

/** Both commands that an upgrade takes where a person has to look at settings. */
export async function upgradeWithAttestation(scenario: RedpointScenario): Promise<Finished> {
  const first = await cutover(scenario, "upgrade", scenario.stack, "--release", "v7.6");
  if (first.exitCode !== 19) return first;
  await attestChannels(scenario);
  return cutover(scenario, "upgrade", scenario.stack);
}

/** `cutover unhold`, to work on after a rollback. */
export async function unhold(scenario: RedpointScenario): Promise<void> {
  await mustPass(scenario, "unhold", scenario.stack, "--reason", "the cause is repaired");
}

async function mustPass(scenario: RedpointScenario, ...argv: string[]): Promise<void> {
  const done = await cutover(scenario, ...argv);
  if (done.exitCode !== 0) throw new Error(done.text);
}

/** How often v7's server was asked to upgrade so far, whatever became of it. */
export function upgradeCalls(scenario: RedpointScenario): number {
  const { namespace } = scenario.environment.world;
  return redpointCalls(scenario.sandbox.directory, { namespace, request: "upgrade" }).length;
}

/** Sets one fault of v7's deployment API. */
export function setFault(scenario: RedpointScenario, fault: RedpointFault | "neverReady", milliseconds?: number) {
  const { namespace } = scenario.environment.world;
  const one: Fault = { application: "rpi-deploymentapi", namespace, fault };
  return scenario.sandbox.simulators.setFaults([milliseconds === undefined ? one : { ...one, milliseconds }]);
}

/** What the databases hold with which v7 works. */
export function contentOf(scenario: RedpointScenario): Promise<InstallationContent> {
  const { target, databases } = scenario.environment.world;
  return readInstallation(target, databases);
}

/** All databases of that server but its own, sorted. */
export async function databaseNames(scenario: RedpointScenario): Promise<string[]> {
  const rows = await runIn(scenario.environment.world.target, "master", ["SELECT name FROM sys.databases"]);
  const own = ["master", "model", "msdb", "tempdb"];
  return rows
    .map((row) => String(row["name"]))
    .filter((name) => !own.includes(name))
    .sort();
}

/** Which nodes of v6 run. */
export const nodesRun = ({ environment }: RedpointScenario): boolean[] =>
  environment.nodes.map((node) => node.running());

/** Release set that the stack's file names. */
export function releaseInFile({ workspace, stack }: RedpointScenario): unknown {
  const text = readFileSync(join(workspace.directory, "stacks", `Pulumi.${stack}.yaml`), "utf8");
  return (parse(text) as { config: Record<string, unknown> }).config["cutover:release"];
}

/** The command that a text tells to type, without `cutover`, as a person would copy it. */
export function commandIn({ text }: Finished, beginning: string): string[] {
  const line = text.split("\n").find((one) => one.includes(`next: ${beginning}`)) ?? "";
  return line.slice(line.indexOf(beginning)).trim().split(" ").slice(1);
}

/** `rpi migrate passed`, one for each receipt and in order; `call begun` and so on for what the ledger has of calls. */
export async function history(scenario: RedpointScenario): Promise<string[]> {
  return (await pages(scenario)).flatMap((page) =>
    page.entries.flatMap((entry) => {
      if (entry.kind === "upgradeCall") return [`call ${entry.phase}`];
      if (entry.kind !== "receipt") return [];
      const { service, step, verdict } = entry.receipt;
      return [`${service ?? "platform"} ${step} ${verdict}`];
    }),
  );
}

/** Shorter patience with the API (seconds), so that a test ends; in the workspace's own copy of the release set. */
export async function shortenPatience(
  scenario: RedpointScenario,
  patience: { waitTimeoutSeconds?: number; readyTimeoutSeconds?: number; timeoutSeconds?: number },
): Promise<void> {
  await editFile(scenario, "stacks/redpoint/releases/v7.6/release.yaml", (text) => {
    const document = parseDocument(text);
    for (const [key, seconds] of Object.entries(patience)) document.setIn(["roles", "rpi", "migrate", key], seconds);
    return document.toString();
  });
}

/** Leaves out the one setting that only a person can look at, where a test is about something else. */
export async function settleWithoutPeople(scenario: RedpointScenario): Promise<void> {
  await editFile(scenario, "stacks/redpoint/releases/v7.6/release.yaml", (text) => {
    const document = parseDocument(text);
    const place = ["roles", "rpi", "configure", "settings"];
    const { roles } = parse(text) as { roles: { rpi: { configure: { settings: { name: string }[] } } } };
    const index = roles.rpi.configure.settings.findIndex(({ name }) => name === "Channels");
    document.deleteIn([...place, index]);
    return document.toString();
  });
}
